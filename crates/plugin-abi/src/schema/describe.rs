use serde_json::Value;

/// Says of optional members that they are absent, where a message never has null in their place.
pub(super) fn without_null(schema: &mut Value) {
    if let Value::Object(members) = schema {
        if let Some(Value::Array(types)) = members.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                members.insert("type".into(), only);
            }
        }
        if let Some(Value::Array(forms)) = members.get_mut("anyOf") {
            forms.retain(|form| form["type"] != "null");
            if let [Value::Object(only)] = forms.as_slice() {
                let only = only.clone();
                members.shift_remove("anyOf");
                members.extend(only);
            }
        }
        members.values_mut().for_each(without_null);
    } else if let Value::Array(items) = schema {
        items.iter_mut().for_each(without_null);
    }
}

/// Turns descriptions that were written for rustdoc into text that an author of a C plugin can read: links lose their
/// targets, and lines that were broken for the source are joined.
pub(super) fn plainly(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" => *text = plain(text),
                    _ => plainly(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plainly),
        _ => {}
    }
}

fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        plain.push_str(before);
        let Some((label, after)) = link.split_once(']') else {
            plain.push('[');
            rest = link;
            continue;
        };
        let target = after.strip_prefix('(').and_then(|t| t.split_once(')'));
        // Brackets around a name of code are a link; `{"$bin":[offset,len]}` and lists in examples are not.
        let named = label.starts_with('`') && label.ends_with('`');
        if target.is_some() || named {
            plain.push_str(label);
            rest = target.map_or(after, |(_, after)| after);
        } else {
            plain.push('[');
            rest = link;
        }
    }
    plain.push_str(rest);
    let paragraphs = plain.split("\n\n").map(|text| text.replace('\n', " "));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn links_of_rustdoc_become_text() {
        assert_eq!(
            plain("one of [`code`], see [`Turn`](super::Turn) or [is text](is_text)."),
            "one of `code`, see `Turn` or is text."
        );
        assert_eq!(plain("one\nline\n\nand another"), "one line\n\nand another");
        assert_eq!(
            plain(r#"`{"$bin":[offset,len]}`"#),
            r#"`{"$bin":[offset,len]}`"#
        );
    }
}
