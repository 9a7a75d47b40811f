//! Whole numbers of a configuration file that have more than 64 bits. The TOML library refuses them without their key.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// # Errors
/// The first number that is out of range: its byte offset, and a message with its key.
pub fn check_integers(file: &DeTable<'_>) -> Result<(), (usize, String)> {
    check_table("", file)
}

/// `path` names the section.
fn check_table(path: &str, table: &DeTable<'_>) -> Result<(), (usize, String)> {
    table.iter().try_for_each(|(key, value)| {
        let key = key.get_ref();
        check_value(&if path.is_empty() { key.to_string() } else { format!("{path}.{key}") }, value)
    })
}

fn check_value(path: &str, value: &Spanned<DeValue<'_>>) -> Result<(), (usize, String)> {
    match value.get_ref() {
        DeValue::Table(table) => check_table(path, table),
        DeValue::Array(values) => values.iter().try_for_each(|value| check_value(path, value)),
        DeValue::Integer(number) if i64::from_str_radix(number.as_str(), number.radix()).is_err() => {
            let bound = match number.as_str().starts_with('-') {
                true => format!("less than {}", i64::MIN),
                false => format!("more than {}", i64::MAX),
            };
            Err((value.span().start, format!("{path}: {number} is {bound}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Option<String> {
        check_integers(DeTable::parse(text).unwrap().get_ref()).err().map(|(at, message)| format!("{at}: {message}"))
    }

    #[test]
    fn numbers_out_of_range_are_named_by_their_key() {
        let (most, least) = (i64::MAX, i64::MIN);
        assert_eq!(message(&format!("a = {most}\nb = {least}\nc = 0xff\nd = 9e99\ne = 1_000")), None);
        let more = format!("4: a: 9223372036854775808 is more than {most}");
        assert_eq!(message("a = 9223372036854775808"), Some(more));
        let less = format!("7: s.a: -9223372036854775809 is less than {least}");
        assert_eq!(message("[s]\na= -9223372036854775809"), Some(less));
        let hexadecimal = format!("7: s.a: 0xffffffffffffffff is more than {most}");
        assert_eq!(message("s.a = [0xffffffffffffffff]"), Some(hexadecimal));
    }
}
