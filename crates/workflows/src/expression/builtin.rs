//! The library's filters and tests, under the [meter](super::meter).

use minijinja::value::{Rest, Value, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters, tests};

use super::{MAX_WORK, meter};

/// How a filter or test is charged for what it is given.
#[derive(Clone, Copy)]
enum Charge {
    /// It looks at every item once.
    Items,
    /// It compares or writes what the items hold.
    All,
    /// It compares the items with each other.
    Sorting,
}

pub(super) fn register(environment: &mut Environment<'_>) {
    use Charge::{All, Items, Sorting};

    for (name, filter, charge) in [
        ("lower", Value::from_function(filters::lower), All),
        ("upper", Value::from_function(filters::upper), All),
        ("title", Value::from_function(filters::title), All),
        ("capitalize", Value::from_function(filters::capitalize), All),
        ("trim", Value::from_function(filters::trim), All),
        ("split", Value::from_function(filters::split), All),
        ("lines", Value::from_function(filters::lines), All),
        ("urlencode", Value::from_function(filters::urlencode), All),
        ("string", Value::from_function(filters::string), All),
        ("items", Value::from_function(filters::items), Items),
        ("reverse", Value::from_function(filters::reverse), Items),
        ("list", Value::from_function(filters::list), Items),
        ("select", Value::from_function(filters::select), Items),
        ("reject", Value::from_function(filters::reject), Items),
        (
            "selectattr",
            Value::from_function(filters::selectattr),
            Items,
        ),
        (
            "rejectattr",
            Value::from_function(filters::rejectattr),
            Items,
        ),
        ("map", Value::from_function(filters::map), Items),
        ("chain", Value::from_function(filters::chain), Items),
        ("zip", Value::from_function(filters::zip), Items),
        ("min", Value::from_function(filters::min), All),
        ("max", Value::from_function(filters::max), All),
        ("sort", Value::from_function(filters::sort), Sorting),
        ("unique", Value::from_function(filters::unique), Sorting),
        ("groupby", Value::from_function(filters::groupby), Sorting),
        ("dictsort", Value::from_function(filters::dictsort), Sorting),
    ] {
        environment.add_filter(name, metered(filter, charge));
    }
    for (name, filter) in [
        ("batch", Value::from_function(filters::batch)),
        ("slice", Value::from_function(filters::slice)),
    ] {
        environment.add_filter(name, portioned(filter));
    }
    for (names, test) in [
        (
            &["eq", "equalto", "=="][..],
            Value::from_function(tests::is_eq),
        ),
        (&["ne", "!="], Value::from_function(tests::is_ne)),
        (&["lt", "lessthan", "<"], Value::from_function(tests::is_lt)),
        (&["le", "<="], Value::from_function(tests::is_le)),
        (
            &["gt", "greaterthan", ">"],
            Value::from_function(tests::is_gt),
        ),
        (&["ge", ">="], Value::from_function(tests::is_ge)),
        (&["in"], Value::from_function(tests::is_in)),
        (&["lower"], Value::from_function(tests::is_lower)),
        (&["upper"], Value::from_function(tests::is_upper)),
        (
            &["startingwith"],
            Value::from_function(tests::is_startingwith),
        ),
        (&["endingwith"], Value::from_function(tests::is_endingwith)),
    ] {
        for name in names {
            let (name, metered) = (*name, metered(test.clone(), All));
            environment.add_test(name, move |state: &mut State, args: Rest<ValueOrKwargs>| {
                metered(state, args).map(|holds| holds.is_true())
            });
        }
    }
    environment.add_test("divisibleby", is_divisible_by);
}

/// The library divides without looking at what by, and panics.
fn is_divisible_by(value: &Value, by: &Value) -> Result<bool, Error> {
    match i128::try_from(by.clone()) {
        Ok(0) => Err(Error::new(
            ErrorKind::InvalidOperation,
            "nothing can be divided by zero",
        )),
        // The smallest number divided by this one has no room either.
        Ok(-1) => Ok(tests::is_divisibleby(value, &Value::from(1))),
        _ => Ok(tests::is_divisibleby(value, by)),
    }
}

fn metered(
    function: Value,
    charge: Charge,
) -> impl Fn(&mut State, Rest<ValueOrKwargs>) -> Result<Value, Error> {
    move |state: &mut State, args: Rest<ValueOrKwargs>| {
        let args: Vec<Value> = args.0.into_iter().map(Value::from).collect();
        for arg in &args {
            let work = match charge {
                Charge::Items => arg.len().unwrap_or(0),
                Charge::All => meter::cost(arg),
                Charge::Sorting => {
                    let rounds = arg.len().unwrap_or(0).max(2).ilog2() as usize;
                    meter::cost(arg).saturating_mul(rounds)
                }
            };
            meter::work(state, work)?;
        }
        let result = function.call(state, &args)?;
        meter::made(state, &result)?;
        Ok(result)
    }
}

/// `batch` and `slice` fill up to the size that they are told.
fn portioned(function: Value) -> impl Fn(&mut State, Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let metered = metered(function, Charge::Items);
    move |state: &mut State, args: Rest<ValueOrKwargs>| {
        let size = args
            .0
            .get(1)
            .and_then(|size| Value::from(size.clone()).as_usize());
        if size.is_some_and(|size| size > MAX_WORK / 10) {
            return Err(Error::from(ErrorKind::OutOfFuel));
        }
        metered(state, args)
    }
}
