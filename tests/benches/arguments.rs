use std::env;
use std::time::Duration;

use anyhow::{Result, bail};

/// Measures the figures that the command line names, or all usual ones: each is a name, and whether it is measured when none
/// is named. `--seconds=N` sets how long a rate is measured.
pub fn measure(
    figures: &[(&str, bool)],
    measure: impl AsyncFn(&str, Duration) -> Result<()>,
) -> Result<()> {
    let arguments: Vec<String> = env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let (options, names): (Vec<_>, Vec<_>) = arguments
        .into_iter()
        .partition(|argument| argument.starts_with("--"));
    if let Some(unknown) = names
        .iter()
        .find(|name| figures.iter().all(|(known, _)| known != *name))
    {
        bail!("there is no figure `{unknown}`");
    }
    let seconds = options
        .iter()
        .find_map(|option| option.strip_prefix("--seconds="))
        .map_or(Ok(10), str::parse)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for (name, usual) in figures {
        let wanted = match names.is_empty() {
            true => *usual,
            false => names.iter().any(|wanted| wanted == *name),
        };
        if wanted {
            let length = Duration::from_secs(seconds);
            runtime.block_on(measure(name, length))?;
        }
    }
    Ok(())
}
