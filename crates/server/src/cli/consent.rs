use std::io::{IsTerminal, Write, stdin, stdout};

use anyhow::{Context, bail};
use clap::Args;
use jackfield_plugin_host::bundle::{Agreed, Plan, Step};
use jackfield_plugin_host::messages::Manifest;
use jackfield_plugin_host::trust::{Consent, HostGrant, Wants};

/// What an operator agrees to without being asked.
#[derive(Args)]
pub struct ConsentFlags {
    /// Agree without a question: the first time to all that the plugin asks for, later to what it was granted before.
    #[arg(long)]
    yes: bool,
    /// Grant these hosts, separated by commas.
    #[arg(long, value_name = "HOSTS", value_delimiter = ',')]
    grant_hosts: Vec<HostGrant>,
    /// Grant these capabilities, separated by commas.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    grant_capabilities: Vec<String>,
    /// Install it although it is not granted all that it asks for; what is not granted is refused when it tries.
    #[arg(long)]
    deny_rest: bool,
}

impl ConsentFlags {
    fn agreed(self) -> Option<Agreed> {
        let grant = Wants {
            hosts: self.grant_hosts.into_iter().collect(),
            capabilities: self.grant_capabilities.into_iter().collect(),
        };
        let given = self.yes || self.deny_rest || !grant.is_empty();
        given.then_some(Agreed {
            yes: self.yes,
            grant,
            deny_rest: self.deny_rest,
        })
    }

    /// What is granted, by these flags or by the answer to a question.
    ///
    /// # Errors
    ///
    /// When something is not granted, or there is nobody to ask.
    pub fn obtain(self, plan: &Plan) -> anyhow::Result<(Wants, Consent)> {
        if let Some(agreed) = self.agreed() {
            return Ok((plan.agreed(&agreed)?, Consent::Flags));
        }
        if !(stdin().is_terminal() && stdout().is_terminal()) {
            bail!(
                "nothing is installed: there is no terminal to ask for your consent on. Add --yes to agree to what is shown, or --grant-hosts and \
                 --grant-capabilities with what you grant and --deny-rest to refuse the rest"
            );
        }
        let question = match plan.missing.is_empty() {
            true => "Install it?",
            false => "Install it and grant all of this?",
        };
        match ask(question)? {
            true => Ok((plan.all(), Consent::Terminal)),
            false => bail!("nothing is installed"),
        }
    }
}

fn ask(question: &str) -> anyhow::Result<bool> {
    print!("{question} [y/N] ");
    stdout().flush()?;
    let mut answer = String::new();
    stdin()
        .read_line(&mut answer)
        .context("reading the answer")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "Yes"))
}

/// What an operator has to see before agreeing.
pub fn describe(plan: &Plan, manifest: &Manifest, origin: &str) -> String {
    let mut lines = vec![format!("{} {}", plan.name, plan.version)];
    let mut line = |what: &str, text: String| {
        if !text.is_empty() {
            lines.push(format!("  {what:<13}{}", plain(&text)));
        }
    };
    line("what", manifest.description.clone());
    line("signed by", origin.to_owned());
    line("license", manifest.license.clone().unwrap_or_default());
    line("homepage", manifest.homepage.clone().unwrap_or_default());
    line(
        "installed",
        match &plan.step {
            Step::New => "nothing yet".to_owned(),
            Step::Upgrade { from } | Step::Downgrade { from } => from.clone(),
            Step::Again => "this version".to_owned(),
        },
    );
    let nodes: Vec<_> = manifest
        .nodes
        .iter()
        .map(|node| node.node_type.as_str())
        .collect();
    line("nodes", nodes.join(", "));
    let providers: Vec<_> = manifest
        .providers
        .iter()
        .map(|provider| provider.name.as_str())
        .collect();
    line("providers", providers.join(", "));
    let news = |new: bool| {
        if new && plan.step != Step::New {
            " (new)"
        } else {
            ""
        }
    };
    for (index, host) in plan.asked.hosts.iter().enumerate() {
        let name = match host {
            HostGrant::Any => "any host (*)".to_owned(),
            host => host.to_string(),
        };
        let what = if index == 0 { "may reach" } else { "" };
        line(
            what,
            format!("{name}{}", news(plan.missing.hosts.contains(host))),
        );
    }
    if plan.asked.hosts.is_empty() {
        line("may reach", "no host".to_owned());
    }
    for capability in &plan.asked.capabilities {
        let new = news(plan.missing.capabilities.contains(capability));
        line("may use", format!("{}{new}", explain(capability)));
    }
    lines.join("\n")
}

/// What a stranger wrote, without what would move the cursor or turn the direction of text: it must not draw over the rest.
fn plain(text: &str) -> String {
    let unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let shown = text.chars().map(|c| if unseen(c) { '\u{fffd}' } else { c });
    shown.collect()
}

fn explain(capability: &str) -> String {
    match capability {
        "secret.reveal" => "secret.reveal: it reads credentials in the clear".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_wrote_draws_over_nothing() {
        let evil = "Sends mail.\x1b[2J\r\n  may reach    no host\u{202e}";
        insta::assert_snapshot!(plain(evil), @"Sends mail.�[2J��  may reach    no host�");
    }
}
