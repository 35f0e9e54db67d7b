use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// A JSON object that is written member by member.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body(Map<String, Value>);

impl Body {
    /// Puts a value at a dotted path such as `customer.name` or `items[0].price`. Null is left out.
    ///
    /// # Errors
    /// When the value cannot be JSON, or the path leads through a value that is no object or list.
    pub fn put<T: Serialize + ?Sized>(
        &mut self,
        target: &str,
        value: &T,
    ) -> serde_json::Result<()> {
        let value = serde_json::to_value(value)?;
        if value.is_null() {
            return Ok(());
        }
        let mut place = Value::Object(std::mem::take(&mut self.0));
        let put = place_at(&mut place, target).map(|place| *place = value);
        if let Value::Object(members) = place {
            self.0 = members;
        }
        put.ok_or_else(|| serde_json::Error::custom(format!("nothing can be put at {target}")))
    }

    /// Puts the members of an object, each at its own name.
    ///
    /// # Errors
    /// When it cannot be JSON, or is no object.
    pub fn put_members<T: Serialize + ?Sized>(&mut self, of: &T) -> serde_json::Result<()> {
        match serde_json::to_value(of)? {
            Value::Object(members) => {
                let members = members.into_iter().filter(|(_, value)| !value.is_null());
                self.0.extend(members);
                Ok(())
            }
            _ => Err(serde_json::Error::custom("only an object has members")),
        }
    }

    /// Writes what derived code gathered.
    ///
    /// # Errors
    /// The serializer's, and those of [`put`](Self::put).
    pub fn serialize<S: Serializer>(
        body: serde_json::Result<Self>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        body.map_err(S::Error::custom)?.0.serialize(serializer)
    }

    /// The object.
    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }

    /// Whether nothing was put.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a dotted path leads to, made where it is absent.
fn place_at<'a>(mut place: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    for step in path.split('.') {
        let (name, indices) = step.split_at(step.find('[').unwrap_or(step.len()));
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        place = place.as_object_mut()?.entry(name).or_insert(Value::Null);
        for index in indices.split_terminator(']') {
            let index: usize = index
                .strip_prefix('[')?
                .parse()
                .ok()
                .filter(|index| *index < 1024)?;
            if place.is_null() {
                *place = Value::Array(Vec::new());
            }
            let items = place.as_array_mut()?;
            if items.len() <= index {
                items.resize(index + 1, Value::Null);
            }
            place = &mut items[index];
        }
    }
    Some(place)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_make_what_they_lead_through() {
        let mut body = Body::default();
        body.put("amount", &2000).unwrap();
        body.put("items[1].price.id", "p").unwrap();
        body.put("items[0]", &json!({"price": "q"})).unwrap();
        body.put("absent", &None::<u8>).unwrap();
        let expected = json!({"amount": 2000, "items": [{"price": "q"}, {"price": {"id": "p"}}]});
        assert_eq!(body.clone().into_value(), expected);
        let error = body.put("amount.value", &1).unwrap_err();
        assert_eq!(error.to_string(), "nothing can be put at amount.value");
        assert_eq!(body.into_value(), expected);
    }
}
