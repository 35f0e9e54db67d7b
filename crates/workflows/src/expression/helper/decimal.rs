//! Decimal numbers, exactly.

use minijinja::{Error, Value};

use super::{named, refused};

/// A whole number and how many of its digits come after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    pub digits: i128,
    pub places: u32,
}

/// The most digits a number may have here, so that products of two of them fit.
const MAX_DIGITS: usize = 18;

impl Decimal {
    /// Reads a number, or a text that is one: `12`, `-0.5`, `1e3` is not. A number with a fraction is read as it is
    /// written, so 0.1 is a tenth.
    pub fn of(value: &Value) -> Result<Decimal, Error> {
        match value.as_str() {
            Some(text) => Decimal::parse(text.trim()),
            None if value.is_number() => {
                let number: f64 = value.clone().try_into()?;
                match value.is_integer() {
                    true => Decimal::parse(&value.to_string()),
                    false => Decimal::parse(&number.to_string()),
                }
            }
            None => Err(refused(format!(
                "a number was expected, not {}",
                named(value)
            ))),
        }
    }

    fn parse(text: &str) -> Result<Decimal, Error> {
        let no_number = || {
            refused(format!(
                "`{}` is no decimal number; write it like 12.50",
                shortened(text)
            ))
        };
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let is_digits = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || unsigned.ends_with('.')
        {
            return Err(no_number());
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        if whole.len() + fraction.len() > MAX_DIGITS {
            return Err(refused(format!(
                "`{}` has more than {MAX_DIGITS} digits",
                shortened(text)
            )));
        }
        let digits: i128 = match format!("{whole}{fraction}").as_str() {
            "" => 0,
            digits => digits.parse().map_err(|_| no_number())?,
        };
        Ok(Decimal {
            digits: if negative { -digits } else { digits },
            places: u32::try_from(fraction.len()).map_err(|_| no_number())?,
        })
    }

    /// The whole number that comes closest to this times ten to the power of `shift`; halves go away from zero. The
    /// second value says whether it is exact.
    pub fn scaled(self, shift: u32) -> (i128, bool) {
        match shift.checked_sub(self.places) {
            Some(more) => (self.digits * 10_i128.pow(more), true),
            None => {
                let divisor = 10_i128.pow(self.places - shift);
                (rounded(self.digits, divisor), self.digits % divisor == 0)
            }
        }
    }
}

/// The whole number closest to `number / divisor`; halves go away from zero.
pub(super) fn rounded(number: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (number / divisor, number % divisor);
    match rest.abs() * 2 >= divisor.abs() {
        true => quotient + number.signum() * divisor.signum(),
        false => quotient,
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_is_written() {
        for (value, digits, places) in [
            (Value::from(12), 12, 0),
            (Value::from(0.1), 1, 1),
            (Value::from(12.35), 1235, 2),
            (Value::from("-0.50"), -5, 1),
            (Value::from(" 007.00 "), 7, 0),
        ] {
            assert_eq!(
                Decimal::of(&value).unwrap(),
                Decimal { digits, places },
                "{value}"
            );
        }
        for wrong in [
            "",
            "x",
            "1e3",
            "1,5",
            ".5",
            "5.",
            "--1",
            "1234567890123456789",
        ] {
            assert!(Decimal::of(&Value::from(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn halves_go_away_from_zero() {
        for (number, by_ten) in [
            (15, 2),
            (14, 1),
            (-15, -2),
            (-14, -1),
            (0, 0),
            (5, 1),
            (-5, -1),
        ] {
            assert_eq!(rounded(number, 10), by_ten, "{number}");
        }
    }
}
