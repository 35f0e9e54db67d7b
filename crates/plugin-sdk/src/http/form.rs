use form_urlencoded::Serializer;
use jackfield_plugin_abi::messages::{CallError, code};
use serde::Serialize;
use serde_json::Value;

use crate::Result;

/// Writes `application/x-www-form-urlencoded` as PHP, Rails and Stripe read it: `{"items": [{"price": "p"}]}` becomes
/// `items[0][price]=p` (with the brackets encoded). A list under a name that ends in `[]` repeats the name. Members that
/// are null are left out.
///
/// # Errors
/// [`code::INVALID_REQUEST`] when `fields` is no object.
pub fn encode_form<T: Serialize + ?Sized>(fields: &T) -> Result<String> {
    let invalid = |message: String| CallError::new(code::INVALID_REQUEST, message);
    let fields = serde_json::to_value(fields)
        .map_err(|error| invalid(format!("The form cannot be encoded: {error}.")))?;
    let Value::Object(fields) = fields else {
        return Err(invalid(
            "The form is no object of names and values.".to_owned(),
        ));
    };
    let mut form = Serializer::new(String::new());
    for (name, value) in &fields {
        append(&mut form, name, value);
    }
    Ok(form.finish())
}

fn append(form: &mut Serializer<'_, String>, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Bool(value) => {
            form.append_pair(name, if *value { "true" } else { "false" });
        }
        Value::Number(value) => {
            form.append_pair(name, &value.to_string());
        }
        Value::String(value) => {
            form.append_pair(name, value);
        }
        Value::Array(values) if name.ends_with("[]") => {
            for value in values {
                append(form, name, value);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                append(form, &format!("{name}[{index}]"), value);
            }
        }
        Value::Object(members) => {
            for (member, value) in members {
                append(form, &format!("{name}[{member}]"), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn readable(form: &Value) -> String {
        let encoded = encode_form(form).unwrap();
        encoded.replace("%5B", "[").replace("%5D", "]")
    }

    #[test]
    fn nested_values_are_named_with_brackets() {
        let form = json!({
            "customer": "cus_1",
            "items": [{"price": "price_1", "quantity": 2}, {"price": "price_2"}],
            "metadata": {"order id": "6735", "gift": true},
        });
        assert_eq!(
            readable(&form),
            "customer=cus_1&items[0][price]=price_1&items[0][quantity]=2&items[1][price]=price_2\
             &metadata[order+id]=6735&metadata[gift]=true"
        );
    }

    #[test]
    fn a_name_that_ends_in_brackets_is_kept() {
        let form = json!({"payment_method_types[]": "card", "expand[]": ["customer", "charges"]});
        assert_eq!(
            readable(&form),
            "payment_method_types[]=card&expand[]=customer&expand[]=charges"
        );
    }

    #[test]
    fn null_is_left_out_and_text_is_encoded() {
        let form = json!({"a": null, "b": "", "c": "ä & b=c", "d": [], "e": 1.5});
        assert_eq!(readable(&form), "b=&c=%C3%A4+%26+b%3Dc&e=1.5");
    }

    #[test]
    fn only_an_object_is_a_form() {
        let error = encode_form(&json!([1])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "INVALID_REQUEST: The form is no object of names and values."
        );
    }
}
