use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The text of a doc comment, its paragraphs' lines joined.
pub(crate) fn text(attributes: &[Attribute]) -> Option<String> {
    let lines = attributes.iter().filter_map(line);
    let text = lines.collect::<Vec<_>>().join("\n");
    let paragraphs = text
        .trim()
        .split("\n\n")
        .map(|lines| lines.replace('\n', " "));
    let text = paragraphs.collect::<Vec<_>>().join("\n\n");
    (!text.is_empty()).then_some(text)
}

fn line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    let Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    }) = &pair.value
    else {
        return None;
    };
    pair.path
        .is_ident("doc")
        .then(|| text.value().trim().to_owned())
}
