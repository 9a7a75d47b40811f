//! A value of JSON, with the fields of objects in the order of the file, since they may be poems.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Deepest nesting. Values are read and dropped by recursion, and the reader of JSON5 has no bound of its own.
const MAX_NESTING: usize = 100;
/// What is said of deeper values.
pub const TOO_DEEP: &str = "this looks like JSON, but its arrays and objects are nested more than 100 levels deep";

/// A value; what can be no verse is `Other`.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonValue {
    Text(String),
    Array(Vec<JsonValue>),
    Object(JsonObject),
    Other,
}

/// The fields of an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonObject(pub Vec<(String, JsonValue)>);

impl JsonValue {
    pub fn as_str(&self) -> Option<&str> {
        if let JsonValue::Text(text) = self { Some(text) } else { None }
    }

    pub fn is_text(&self) -> bool {
        matches!(self, JsonValue::Text(_))
    }

    pub fn is_array(&self) -> bool {
        matches!(self, JsonValue::Array(_))
    }

    /// Whether it holds other values.
    pub fn is_nested(&self) -> bool {
        matches!(self, JsonValue::Array(_) | JsonValue::Object(_))
    }
}

impl JsonObject {
    pub fn values(&self) -> impl Iterator<Item = &JsonValue> {
        self.0.iter().map(|(_, value)| value)
    }

    pub fn get(&self, name: &str) -> Option<&JsonValue> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The first of these fields that is there, whatever its case.
    pub fn field(&self, names: &[&str]) -> Option<&JsonValue> {
        let of_any_case =
            |name: &str| self.0.iter().find(|(key, _)| key.to_lowercase() == name).map(|(_, value)| value);
        names.iter().find_map(|name| self.get(name).or_else(|| of_any_case(name)))
    }
}

impl<'de> Deserialize<'de> for JsonValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<JsonValue, D::Error> {
        AnyValue { depth: 0 }.deserialize(deserializer)
    }
}

/// Reads a value inside `depth` others.
#[derive(Clone, Copy)]
struct AnyValue {
    depth: usize,
}

impl AnyValue {
    fn inner<E: Error>(self) -> Result<AnyValue, E> {
        if self.depth < MAX_NESTING { Ok(AnyValue { depth: self.depth + 1 }) } else { Err(E::custom(TOO_DEEP)) }
    }
}

impl<'de> DeserializeSeed<'de> for AnyValue {
    type Value = JsonValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<JsonValue, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue {
    type Value = JsonValue;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<JsonValue, E> {
        Ok(JsonValue::Text(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<JsonValue, E> {
        Ok(JsonValue::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<JsonValue, A::Error> {
        let (inner, mut values) = (self.inner()?, Vec::new());
        while let Some(value) = array.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(JsonValue::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonValue, A::Error> {
        let (inner, mut fields) = (self.inner()?, Vec::new());
        while let Some(name) = map.next_key()? {
            fields.push((name, map.next_value_seed(inner)?));
        }
        Ok(JsonValue::Object(JsonObject(fields)))
    }

    fn visit_bool<E>(self, _: bool) -> Result<JsonValue, E> {
        Ok(JsonValue::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<JsonValue, E> {
        Ok(JsonValue::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<JsonValue, E> {
        Ok(JsonValue::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<JsonValue, E> {
        Ok(JsonValue::Other)
    }

    fn visit_unit<E>(self) -> Result<JsonValue, E> {
        Ok(JsonValue::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_the_order_of_the_file() {
        let value: JsonValue = serde_json::from_str(r#"{"b": "x", "a": [1, null, true, 2.5, -3], "B": {}}"#).unwrap();
        let JsonValue::Object(object) = &value else { panic!("{value:?}") };
        assert_eq!(object.0.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["b", "a", "B"]);
        assert_eq!(object.field(&["a"]), Some(&JsonValue::Array(vec![JsonValue::Other; 5])));
        assert_eq!(object.field(&["c", "b"]).and_then(JsonValue::as_str), Some("x"));
    }
}
