use jackfield_storage::access::Role;
use serde_json::Value;

use crate::auth::claims::Claims;
use crate::config::IssuerConfig;

/// The highest role that the token's role claim stands for, else the issuer's default.
pub fn of(claims: &Claims, issuer: &IssuerConfig) -> Option<Role> {
    let named: Vec<&str> = match claims.at(&issuer.role_claim) {
        // Some issuers put a list into one string, as OAuth scopes are written.
        Some(Value::String(text)) => text.split_whitespace().collect(),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let role = |name: &str| match issuer.roles.is_empty() {
        true => name.parse().ok(),
        false => issuer.roles.get(name).copied(),
    };
    named
        .into_iter()
        .filter_map(role)
        .max()
        .or(issuer.default_role)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn role(issuer: &str, payload: Value) -> Option<Role> {
        let basics = "issuer = 'i'\naudience = 'a'\njwks_url = 'https://i/keys'\n";
        let issuer: IssuerConfig = toml::from_str(&format!("{basics}{issuer}")).unwrap();
        let Value::Object(payload) = payload else {
            unreachable!()
        };
        of(&Claims::new(payload), &issuer)
    }

    #[test]
    fn the_names_of_roles_stand_for_themselves() {
        assert_eq!(role("", json!({"role": "editor"})), Some(Role::Editor));
        assert_eq!(role("", json!({"role": "boss"})), None);
        assert_eq!(
            role("default_role = 'viewer'", json!({"role": "boss"})),
            Some(Role::Viewer)
        );
    }

    #[test]
    fn the_highest_of_several_counts() {
        let issuer = "role_claim = 'realm.roles'\nroles = { staff = 'viewer', ops = 'admin' }";
        assert_eq!(
            role(
                issuer,
                json!({"realm": {"roles": ["staff", "ops", "owner"]}})
            ),
            Some(Role::Admin)
        );
        assert_eq!(role(issuer, json!({"realm": {"roles": ["owner"]}})), None);
    }
}
