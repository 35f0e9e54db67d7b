//! The command line.

mod consent;
mod key_create;
mod options;
mod plugin_accept;
mod plugin_check;
mod plugin_grant;
mod plugin_install;
mod plugin_keygen;
mod plugin_list;
mod plugin_new;
mod plugin_pack;
mod plugin_record;
mod plugin_remove;
mod plugin_trust;
mod plugins_dir;
mod remote;
mod secret_reseal;
mod serve;
mod workflow;
mod workflow_apply;
mod workflow_export;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jackfield_storage::access::{Role, Scope};

use crate::config;
use key_create::NewKeyArgs;
use options::Options;

/// Jackfield: what happens, patched to what is to be done.
#[derive(Parser)]
#[command(name = "jackfield", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API, receive webhooks, and run workflows.
    Serve(Options),
    /// Print the GraphQL schema.
    Schema,
    /// Print the default configuration, which explains every key.
    Config,
    /// Manage API keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Look after plugins.
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Look after what is sealed in the database.
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Keep the workflows of a running server in step with files.
    #[command(subcommand)]
    Workflow(workflow::WorkflowCommand),
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Create an API key and print it once.
    Create {
        /// What people call it.
        #[arg(long)]
        name: String,
        /// What its holder may do: owner, admin, editor or viewer.
        #[arg(long)]
        role: Role,
        /// What of that it is limited to, such as events:publish; all that its role allows without any.
        #[arg(long = "scope")]
        scopes: Vec<Scope>,
        /// For which integration it is.
        #[arg(long)]
        integration: Option<String>,
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Subcommand)]
enum SecretCommand {
    /// Seal everything on a running server with its current master key. The API key is in JACKFIELD_API_KEY.
    Reseal(remote::Server),
}

#[derive(Subcommand)]
enum PluginCommand {
    /// Run the conformance suite on a plugin's library or bundle, for authors.
    Check(plugin_check::CheckOptions),
    /// Execute a node against the real service and write down its requests and answers for tests, for authors.
    Record(Box<plugin_record::RecordArgs>),
    /// List the plugins that the server would load.
    List(Options),
    /// Write the crate of a new plugin in Rust, with tests and everything that it needs.
    New(plugin_new::NewArgs),
    /// Install a bundle, once you agree to what it asks for.
    Install(plugin_install::InstallArgs),
    /// Trust the key of somebody who signs bundles, trust it no longer, or list who is trusted.
    Trust(plugin_trust::TrustArgs),
    /// Change what an installed plugin may do.
    Grant(plugin_grant::GrantArgs),
    /// Remove a plugin.
    Remove(plugin_remove::RemoveArgs),
    /// Take a library that lies in the plugins folder as it is, without a bundle.
    Accept(plugin_accept::AcceptArgs),
    /// Pack a plugin into a bundle, for its authors.
    Pack(plugin_pack::PackArgs),
    /// Make a key to sign bundles with, for authors.
    Keygen(plugin_keygen::KeygenArgs),
}

/// Does what the command line asks for. An error is one line on stderr and exit code 1.
pub fn run() -> ExitCode {
    match dispatch(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
            eprintln!("jackfield: {}", causes.join(": "));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    let done = match command {
        Command::Serve(options) => serve::run(options.load()?),
        Command::Schema => print(&jackfield_graphql::sdl()),
        Command::Config => print(config::DEFAULT),
        Command::Key(KeyCommand::Create {
            name,
            role,
            scopes,
            integration,
            options,
        }) => key_create::run(
            &options.load()?,
            &scopes,
            NewKeyArgs {
                name,
                role,
                integration,
            },
        ),
        Command::Plugin(command) => return plugin(command),
        Command::Secret(SecretCommand::Reseal(server)) => secret_reseal::run(&server),
        Command::Workflow(command) => workflow::run(command),
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn plugin(command: PluginCommand) -> anyhow::Result<ExitCode> {
    let done = match command {
        PluginCommand::Check(options) => return plugin_check::run(options),
        PluginCommand::New(args) => plugin_new::run(args),
        PluginCommand::Record(args) => plugin_record::run(*args),
        PluginCommand::List(options) => plugin_list::run(options.load()?),
        PluginCommand::Install(args) => plugin_install::run(args),
        PluginCommand::Trust(args) => plugin_trust::run(args),
        PluginCommand::Grant(args) => plugin_grant::run(args),
        PluginCommand::Remove(args) => plugin_remove::run(args),
        PluginCommand::Accept(args) => plugin_accept::run(args),
        PluginCommand::Pack(args) => plugin_pack::run(args),
        PluginCommand::Keygen(args) => plugin_keygen::run(args),
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}

/// Writes to stdout. A reader that has seen enough is no error.
fn print(text: &str) -> anyhow::Result<()> {
    use std::io::Write;

    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
