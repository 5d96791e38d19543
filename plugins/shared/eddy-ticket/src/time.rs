//! Times, as the product writes them: without a zone, and in its API the day after the time.

use hookwright_sdk::Host;

/// Milliseconds since the Unix epoch of `2024-03-01 12:00:00`, of `12:00:00 01.03.2024` either
/// way round, with or without seconds, or of a Unix time in seconds or milliseconds.
///
/// # Errors
/// Says what is wrong with the text.
pub fn to_utc(text: &str, host: &dyn Host) -> Result<u64, String> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Ten digits reach from 2001 to 2286.
        match (text.len(), text.parse::<u64>()) {
            (10, Ok(seconds)) => return Ok(seconds * 1000),
            (13, Ok(milliseconds)) => return Ok(milliseconds),
            _ => {}
        }
    }
    match day_first(text) {
        Some(local) => host.to_utc(&local),
        None => host.to_utc(text),
    }
}

/// A time as it is shown: with its offset, or as it came if it cannot be read.
pub(crate) fn shown(text: String, host: &dyn Host) -> String {
    to_utc(&text, host).map_or(text, |time| host.to_local(time))
}

/// `12:00 01.03.2024` as `2024-03-01 12:00:00`.
fn day_first(text: &str) -> Option<String> {
    let (mut date, mut time) = (None, "00:00:00".to_owned());
    for word in text.split_whitespace() {
        if let Some(parts) = numbers::<3>(word, '.') {
            let [day, month, year] = parts;
            date = (year.len() == 4).then(|| format!("{year}-{month:0>2}-{day:0>2}"));
        } else if let Some([hour, minute, second]) = numbers::<3>(word, ':') {
            time = format!("{hour:0>2}:{minute}:{second}");
        } else if let Some([hour, minute]) = numbers::<2>(word, ':') {
            time = format!("{hour:0>2}:{minute}:00");
        } else {
            return None;
        }
    }
    date.map(|date| format!("{date} {time}"))
}

/// So many numbers with a separator between them.
fn numbers<const N: usize>(word: &str, separator: char) -> Option<[&str; N]> {
    let parts: Vec<&str> = word.split(separator).collect();
    let is_number = |part: &&str| {
        (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if parts.iter().all(is_number) { parts.try_into().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use hookwright_sdk::testing::FakeHost;

    use super::*;

    #[test]
    fn all_forms_are_read() {
        let times = vec![
            ("2018-07-02 15:46:19".to_owned(), 1),
            ("2018-07-02 15:46:00".to_owned(), 2),
            ("2018-07-02 00:00:00".to_owned(), 3),
        ];
        let host = FakeHost { times, ..FakeHost::default() };
        for (text, expected) in [
            ("2018-07-02 15:46:19", 1),
            ("15:46:19 02.07.2018", 1),
            (" 02.07.2018  15:46:19 ", 1),
            ("2.7.2018 15:46", 2),
            ("02.07.2018", 3),
            ("1530546379", 1_530_546_379_000),
            ("1530546379123", 1_530_546_379_123),
        ] {
            assert_eq!(to_utc(text, &host), Ok(expected), "{text}");
        }
        for text in ["", "soon", "02.07.18", "15:46:19", "12", "1.2.3.4", "02.07.2018 x"] {
            assert!(to_utc(text, &host).is_err(), "{text}");
        }
        assert_eq!(shown("soon".into(), &host), "soon");
        assert_eq!(shown("15:46 02.07.2018".into(), &host), "2 ms after 1970");
    }
}
