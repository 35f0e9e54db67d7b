//! How one name is written in different places.

/// The words of a Rust name, in lower case.
fn words(name: &str) -> Vec<String> {
    let name = name.strip_prefix("r#").unwrap_or(name);
    let mut words: Vec<String> = Vec::new();
    let mut begins = true;
    for character in name.chars() {
        if character == '_' {
            begins = true;
            continue;
        }
        begins |= character.is_uppercase();
        match words.last_mut().filter(|_| !begins) {
            Some(word) => word.push(character),
            None => words.push(character.to_lowercase().collect()),
        }
        begins = false;
    }
    words
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).collect()
}

/// `phoneNumber`, `phone_number` and the others that serde knows by name; `None` for another style.
pub(crate) fn written(name: &str, style: &str) -> Option<String> {
    let words = words(name);
    let capitalised = |words: &[String]| {
        words
            .iter()
            .map(|word| capitalised(word))
            .collect::<String>()
    };
    Some(match style {
        "lowercase" => words.concat(),
        "UPPERCASE" => words.concat().to_uppercase(),
        "PascalCase" => capitalised(&words),
        "camelCase" => match words.split_first() {
            Some((first, rest)) => format!("{first}{}", capitalised(rest)),
            None => String::new(),
        },
        "snake_case" => words.join("_"),
        "SCREAMING_SNAKE_CASE" => words.join("_").to_uppercase(),
        "kebab-case" => words.join("-"),
        "SCREAMING-KEBAB-CASE" => words.join("-").to_uppercase(),
        _ => return None,
    })
}

/// `Phone number`: what a form shows when the author says nothing else.
pub(crate) fn label(name: &str) -> String {
    let words: Vec<String> = words(name)
        .into_iter()
        .map(|word| match word.as_str() {
            "id" | "url" | "sms" | "api" | "html" | "ip" => word.to_uppercase(),
            _ => word,
        })
        .collect();
    capitalised(&words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_in_every_style() {
        let styles = [
            "camelCase",
            "PascalCase",
            "SCREAMING_SNAKE_CASE",
            "kebab-case",
            "lowercase",
        ];
        let all = |name: &str| styles.map(|style| written(name, style).unwrap()).join(" ");
        assert_eq!(
            all("phone_number"),
            "phoneNumber PhoneNumber PHONE_NUMBER phone-number phonenumber"
        );
        assert_eq!(
            all("CreateCustomer"),
            "createCustomer CreateCustomer CREATE_CUSTOMER create-customer createcustomer"
        );
        assert_eq!(written("r#in", "snake_case").unwrap(), "in");
        assert_eq!(written("a", "upside-down"), None);
    }

    #[test]
    fn a_label_is_for_people() {
        assert_eq!(label("customer_id"), "Customer ID");
        assert_eq!(label("SendSms"), "Send sms".replace("sms", "SMS"));
    }
}
