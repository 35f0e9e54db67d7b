//! The one expression language: which filters, tests and functions there are.

use std::sync::LazyLock;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

use super::{FUEL, builtin, helper, operator};

/// The language. Built once; expressions borrow from it for as long as the process lives.
pub(super) static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(build);

/// The functions that may be called by name, besides the names of the scope.
pub(super) const FUNCTIONS: [&str; 3] = ["range", "dict", "coalesce"];

/// Whether there is a filter of that name.
pub(super) fn has_filter(name: &str) -> bool {
    knows("name is filter", name)
}

/// Whether there is a test of that name.
pub(super) fn has_test(name: &str) -> bool {
    knows("name is test", name)
}

/// The library is asked by two tests that expressions do not have.
fn knows(question: &str, name: &str) -> bool {
    static ASKED: LazyLock<Environment<'static>> = LazyLock::new(|| {
        let mut environment = build();
        environment.add_test("filter", minijinja::tests::is_filter);
        environment.add_test("test", minijinja::tests::is_test);
        environment
    });
    !matches!(name, "filter" | "test")
        && ASKED
            .compile_expression(question)
            .and_then(|question| question.eval(context! { name }))
            .is_ok_and(|known| known.is_true())
}

fn build() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(64);
    // Only with this on does an error know which lookup was undefined and where in the expression it stands.
    environment.set_debug(true);
    for function in ["debug", "namespace"] {
        environment.remove_global(function);
    }
    // HTML escaping and debug output have no meaning in JSON.
    for filter in ["safe", "escape", "e", "pprint", "format"] {
        environment.remove_filter(filter);
    }
    for test in ["safe", "escaped", "filter", "test", "sameas"] {
        environment.remove_test(test);
    }
    builtin::register(&mut environment);
    operator::register(&mut environment);
    helper::register(&mut environment);
    environment
}
