//! How many parts a text message has, and what each holds.

/// What a message is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// 7 bits a character: 160 in one part, 153 in each of several.
    Gsm7,
    /// 16 bits a character: 70 in one part, 67 in each of several.
    Ucs2,
}

impl Alphabet {
    /// The one that a message of these characters is sent in.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.chars().all(|c| septets(c).is_some()) { Self::Gsm7 } else { Self::Ucs2 }
    }

    fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    fn of_several(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// What a character takes. One that takes two is never split.
    fn units(self, c: char) -> usize {
        match self {
            // What GSM-7 cannot write becomes a question mark.
            Self::Gsm7 => septets(c).unwrap_or(1),
            Self::Ucs2 => c.len_utf16(),
        }
    }
}

/// The basic table of GSM 03.38 and its extension, whose characters take two.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

fn septets(c: char) -> Option<usize> {
    match c {
        c if EXTENSION.contains(c) => Some(2),
        c if BASIC.contains(c) => Some(1),
        _ => None,
    }
}

/// The number of characters in each part.
#[must_use]
pub fn parts(text: &str, alphabet: Alphabet) -> Vec<usize> {
    let total: usize = text.chars().map(|c| alphabet.units(c)).sum();
    if total <= alphabet.single() {
        return vec![text.chars().count()];
    }
    let mut parts = Vec::new();
    let (mut count, mut used) = (0, 0);
    for c in text.chars() {
        let units = alphabet.units(c);
        if used + units > alphabet.of_several() {
            parts.push(count);
            (count, used) = (0, 0);
        }
        count += 1;
        used += units;
    }
    parts.push(count);
    parts
}

/// As much of a text as fits into so many parts, with a mark where it was cut off.
#[must_use]
pub fn cut(text: &str, alphabet: Alphabet, max_parts: usize) -> String {
    let found = parts(text, alphabet);
    if found.len() <= max_parts.max(1) {
        return text.to_owned();
    }
    // One part holds more when it is the only one.
    let mut room = if max_parts <= 1 { alphabet.single() } else { usize::MAX };
    let fitting: usize = if max_parts <= 1 {
        text.chars().take_while(|&c| take(&mut room, alphabet.units(c))).count()
    } else {
        found[..max_parts].iter().sum()
    };
    // Two characters less leave room for the mark, whatever the last ones take.
    let kept: String = text.chars().take(fitting.saturating_sub(2)).collect();
    let mark = if alphabet == Alphabet::Ucs2 { "…" } else { ".." };
    format!("{}{mark}", kept.trim_end())
}

fn take(room: &mut usize, units: usize) -> bool {
    let fits = units <= *room;
    *room = room.saturating_sub(units);
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_not_cut() {
        let text = "ж".repeat(201);
        assert_eq!(parts(&text, Alphabet::Ucs2), [67, 67, 67]);
        assert_eq!(cut(&text, Alphabet::Ucs2, 3), text);
        assert_eq!(cut(&"ж".repeat(70), Alphabet::Ucs2, 1), "ж".repeat(70));
    }

    #[test]
    fn what_is_cut_fits_and_is_marked() {
        for (character, alphabet) in [
            ("ж", Alphabet::Ucs2),
            ("😀", Alphabet::Ucs2),
            ("a", Alphabet::Gsm7),
            ("€", Alphabet::Gsm7),
        ] {
            for max_parts in [1, 2, 3, 10] {
                let short = cut(&character.repeat(5_000), alphabet, max_parts);
                let found = parts(&short, alphabet).len();
                assert_eq!(found, max_parts, "{character} {max_parts}");
                assert!(short.ends_with('…') || short.ends_with(".."));
            }
        }
    }
}
