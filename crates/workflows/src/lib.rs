//! Workflows: what they are, how they are kept, and how they run.
//!
//! - [`definition`]: a graph of nodes, which can only be had checked.
//! - [`expression`]: `{{ … }}` in the configs of nodes.
//! - [`file`]: workflows as files that a repository can hold.
//! - [`machine`]: how a run goes, as pure functions.
//! - [`message_template`]: the mails and text messages that steps send.
//! - [`nodes`]: the types of node there are.
//! - [`engine`]: runs, executed.
//! - [`run`]: what people do with runs.
//! - [`triggers`]: what starts runs by itself.
//! - `variable`: the workspace's variables.
//! - [`workflow`]: workflows as they are kept; [`Workflows`] does everything to them.

mod approval;
pub mod definition;
pub mod engine;
pub mod expression;
pub mod file;
pub mod machine;
pub mod message_template;
pub mod nodes;
pub mod run;
pub mod triggers;
mod variable;
pub mod workflow;

pub use approval::{ApprovalLinks, Asked, DecideError, Decided, Decision};
pub use engine::{Engine, EngineConfig, EngineHandle};
pub use triggers::{Polls, PollsHandle, Schedules, SchedulesHandle};
pub use variable::{SetVariable, VariableError};
pub use workflow::{
    AppliedWorkflow, ApplyWorkflow, Examined, Export, MAX_RERUNS, NewWorkflow, Outcome, PinNode,
    PinOutput, Rerun, RerunFrom, RerunMany, RerunProgress, SaveWorkflow, StartRun, StartedRun,
    TestNode, TestRun, TestedNode, VersionProblem, WorkflowError, Workflows, WorkflowsConfig,
};
