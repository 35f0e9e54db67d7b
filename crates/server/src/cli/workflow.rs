use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::remote::Server;
use super::{workflow_apply, workflow_export};

/// Keeps the workflows of a running server in step with files. The API key is in JACKFIELD_API_KEY.
#[derive(Subcommand)]
pub enum WorkflowCommand {
    /// Make the workflows of a server what files say; applied again, nothing is written.
    Apply {
        /// Files, or directories with .yaml, .yml and .json files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Publish them too.
        #[arg(long)]
        publish: bool,
        /// Only show what would be done.
        #[arg(long)]
        dry_run: bool,
        /// The secret of a webhook node that has none yet is in this environment variable.
        #[arg(long = "secret", value_name = "NODE=VARIABLE")]
        secrets: Vec<String>,
        #[command(flatten)]
        server: Server,
    },
    /// Print the draft of a workflow as a file.
    Export {
        /// The workflow's id.
        id: String,
        /// How it is written.
        #[arg(long, value_enum, default_value = "yaml")]
        format: Format,
        #[command(flatten)]
        server: Server,
    },
}

/// How a file is written.
#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// YAML 1.2.
    Yaml,
    /// JSON.
    Json,
}

/// Does what the command asks for.
///
/// # Errors
///
/// When a file cannot be read, or the server cannot be asked, or refuses.
pub fn run(command: WorkflowCommand) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(dispatch(command))
}

async fn dispatch(command: WorkflowCommand) -> anyhow::Result<()> {
    match command {
        WorkflowCommand::Apply {
            files,
            publish,
            dry_run,
            secrets,
            server,
        } => {
            let apply = workflow_apply::Apply {
                files,
                publish,
                dry_run,
                secrets,
            };
            workflow_apply::run(&server.connect()?, apply).await
        }
        WorkflowCommand::Export { id, format, server } => {
            let format = match format {
                Format::Yaml => "YAML",
                Format::Json => "JSON",
            };
            workflow_export::run(&server.connect()?, &id, format).await
        }
    }
}
