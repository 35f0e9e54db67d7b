use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, LandlockStatus, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

use crate::transport::process::hello::Landlock;

/// Where the libraries are that a plugin may depend on. The plugin itself comes as a sealed file in memory.
const LIBRARIES: &[&str] = &[
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/nix/store",
    "/gnu/store",
];

/// The newest version of the rules that this server asks for.
const NEWEST: ABI = ABI::V7;

/// Denies every file but libraries to read, every TCP port, and signals and abstract sockets to the outside. A kernel
/// that knows less enforces less: the answer says how much, and the version that it knows.
pub(super) fn restrict(at_most: u8) -> Result<(Landlock, u8), RulesetError> {
    let abi = NEWEST.min(ABI::from(i32::from(at_most)));
    if abi == ABI::Unsupported {
        return Ok((Landlock::None, 0));
    }
    let reading = AccessFs::ReadFile | AccessFs::ReadDir;
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?;
    let (net, scope) = (AccessNet::from_all(abi), Scope::from_all(abi));
    if !net.is_empty() {
        ruleset = ruleset.handle_access(net)?;
    }
    if !scope.is_empty() {
        ruleset = ruleset.scope(scope)?;
    }
    let status = ruleset
        .create()?
        .add_rules(path_beneath_rules(LIBRARIES, reading))?
        .restrict_self()?;
    let enforced = match status.ruleset {
        RulesetStatus::FullyEnforced if abi == NEWEST => Landlock::Full,
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Landlock::Partial,
        RulesetStatus::NotEnforced => Landlock::None,
    };
    let known = match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => effective_abi.min(abi) as u8,
        _ => 0,
    };
    Ok((enforced, known))
}
