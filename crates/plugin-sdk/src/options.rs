use std::future::Future;

use jackfield_plugin_abi::messages::{Options, OptionsQuery};
use serde_json::Value;

use crate::call::{Opened, Work, answer};
use crate::{Context, Result};

/// Loads choices of a config field from the provider, for `#[field(options = "channels")]`.
///
/// ```
/// use jackfield_plugin_sdk::prelude::*;
/// use jackfield_plugin_sdk::{OptionChoice, OptionSource, Options, OptionsQuery};
///
/// /// The tabs of the spreadsheet that was chosen before.
/// struct Tabs;
///
/// impl OptionSource for Tabs {
///     const NAME: &'static str = "tabs";
///
///     async fn load(context: Context, config: Value, _: OptionsQuery) -> Result<Options> {
///         let Some(spreadsheet) = config["spreadsheet"].as_str() else {
///             return Ok(Options::default());
///         };
///         let url = format!("https://sheets.googleapis.com/v4/spreadsheets/{spreadsheet}");
///         let answer: Value = context.http().get(&url).credential("default").send().await?.success()?.json()?;
///         let titles = answer["sheets"].as_array().into_iter().flatten();
///         let options = titles.filter_map(|sheet| sheet["properties"]["title"].as_str());
///         let options = options.map(|title| OptionChoice { value: title.into(), label: title.into(), description: None });
///         Ok(Options { options: options.collect(), cursor: None })
///     }
/// }
///
/// /// Reads rows.
/// #[derive(Config)]
/// struct ReadRows {
///     /// Its id or URL.
///     spreadsheet: String,
///     /// One of its tabs.
///     #[field(options = "tabs", depends_on(spreadsheet))]
///     tab: String,
/// }
/// # impl Node for ReadRows {
/// #     const TYPE: &'static str = "google-sheets";
/// #     type Output = ();
/// #     fn about() -> About { About::new("Google Sheets").options::<Tabs>() }
/// #     async fn run(self, _: Context) -> Result<()> { Ok(()) }
/// # }
/// # use jackfield_plugin_sdk::testing::{self, Reply};
/// # let plugin = Plugin::new("google", "1.0.0").node::<ReadRows>();
/// # let reply = Reply::json(200, &json!({"sheets": [{"properties": {"title": "Revenue"}}]}));
/// # let ran = testing::plugin(plugin).options("google-sheets", "tabs", json!({"spreadsheet": "s_1"})).reply(reply).run();
/// # assert_eq!(ran.output(), json!({"options": [{"value": "Revenue", "label": "Revenue"}]}));
/// ```
pub trait OptionSource: Send + 'static {
    /// What fields call it.
    const NAME: &'static str;

    /// Loads one page. `config` is what the user has filled in so far, which need not be valid.
    fn load(
        context: Context,
        config: Value,
        query: OptionsQuery,
    ) -> impl Future<Output = Result<Options>> + Send;
}

pub(crate) fn start_options<S: OptionSource>(opened: &Opened<'_>) -> Result<Work> {
    let (config, query) = (opened.config()?, opened.arguments()?);
    Ok(answer(S::load(opened.context.clone(), config, query)))
}
