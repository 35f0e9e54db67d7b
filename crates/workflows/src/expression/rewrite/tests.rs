use super::*;

fn rewritten(source: &str) -> String {
    rewrite(source).unwrap().source
}

#[test]
fn operators_become_calls() {
    assert_eq!(rewritten("a*b"), "__multiply(a , b)");
    assert_eq!(rewritten("a+b*c"), "__add(a , __multiply(b , c))");
    assert_eq!(rewritten("a*b/c*d"), "__multiply(__multiply(a , b)/c , d)");
    assert_eq!(rewritten("(a+b)*c"), "__multiply((__add(a , b)) , c)");
    assert_eq!(
        rewritten("-a.b[x*1]|f(y=c~d)+1"),
        "__add(-a.b[__multiply(x , 1)]|f(y=__concatenate(c , d)) , 1)"
    );
    assert_eq!(rewritten("a not in b"), "__lacks(a  ,  b)");
    assert_eq!(
        rewritten("a in b and not c in d"),
        "__contains(a  ,  b) and not __contains(c  ,  d)"
    );
    assert_eq!(rewritten("f(*a, **b)"), "f(*a, **b)");
    assert_eq!(
        rewritten("{'a': 'x*y' ~ b, **c}".replace(", **c", "").as_str()),
        "{'a': __concatenate('x*y'  ,  b)}"
    );
    assert_eq!(
        rewritten("x is divisibleby 3 * 2"),
        "__multiply(x is divisibleby 3  ,  2)"
    );
    assert_eq!(rewritten("a ** b if c else d"), "a ** b if c else d");
}

#[test]
fn lookups_before_default_may_find_nothing() {
    assert_eq!(
        rewritten("a.b['c'] | default(1)"),
        r#"__look_up("a.b['c']") | default(1)"#
    );
    assert_eq!(
        rewritten("a.b is defined"),
        r#"__look_up("a.b") is defined"#
    );
    assert_eq!(
        rewritten("a.b | upper | default(1)"),
        "a.b | upper | default(1)"
    );
}

#[test]
fn positions_lead_back() {
    let rewritten = rewrite("x + yy * 'z'").unwrap();
    assert_eq!(rewritten.source, "__add(x  ,  __multiply(yy  ,  'z'))");
    assert_eq!(rewritten.origin(rewritten.source.find("yy").unwrap()), 4);
    assert_eq!(rewritten.origin(rewritten.source.find("'z'").unwrap()), 9);
    let multiply = rewritten.source.find("__multiply").unwrap();
    assert_eq!(rewritten.operation(multiply).unwrap().sign, 7..8);
}

#[test]
fn what_is_not_understood_is_defused() {
    assert_eq!(
        rewrite("'x' * * 5"),
        Err(Unreadable::Syntax("'x' - - 5".to_owned()))
    );
}

#[test]
fn what_is_too_deep_is_left_alone() {
    let too_deep = |source: String| matches!(rewrite(&source), Err(Unreadable::TooDeep(_)));
    for (start, end) in [
        ("(", ")"),
        ("[", "]"),
        ("range(", ")"),
        ("x[", "]"),
        ("1 if ", " else 1"),
        ("x|f(", ")"),
    ] {
        assert!(
            too_deep(format!("{}1{}", start.repeat(120), end.repeat(120))),
            "{start}"
        );
        assert!(
            !too_deep(format!("{}1{}", start.repeat(20), end.repeat(20))),
            "{start}"
        );
    }
    for piece in [
        "1 - ",
        "1 ** ",
        "1 ~ ",
        "1 and ",
        "1 or ",
        "- ",
        "not ",
        "1 if 1 else ",
    ] {
        assert!(too_deep(format!("{}1", piece.repeat(120))), "{piece}");
    }
    for piece in [".a", "[0]", "(1)", "|f", " is g"] {
        assert!(too_deep(format!("x{}", piece.repeat(120))), "{piece}");
    }
}
