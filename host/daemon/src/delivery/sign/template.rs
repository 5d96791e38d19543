//! Texts with places in them, such as `t={timestamp},v1={signature}`.

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(Box<str>),
    Signature,
    Body,
    Timestamp,
    DeliveryId,
}

impl Piece {
    const PLACES: [(&'static str, Self); 4] = [
        ("signature", Self::Signature),
        ("body", Self::Body),
        ("timestamp", Self::Timestamp),
        ("delivery_id", Self::DeliveryId),
    ];
}

/// The pieces of a text in which these places may stand.
pub(super) fn parse(text: &str, allowed: &[Piece]) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(at);
        let place = after.strip_prefix('{').and_then(|after| after.split_once('}'));
        let known = place.and_then(|(name, rest)| {
            let mut places = Piece::PLACES.into_iter();
            let (_, piece) = places.find(|(known, _)| *known == name)?;
            allowed.contains(&piece).then_some((piece, rest))
        });
        let Some((piece, after)) = known else {
            let places = Piece::PLACES.into_iter().filter(|(_, piece)| allowed.contains(piece));
            let places: Vec<_> = places.map(|(name, _)| format!("{{{name}}}")).collect();
            return Err(format!("braces stand for one of {} only", places.join(", ")));
        };
        if !before.is_empty() {
            pieces.push(Piece::Text(before.into()));
        }
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.into()));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Piece::{Body, DeliveryId, Signature, Timestamp};

    #[test]
    fn places_and_texts() {
        let text = |text: &str| Piece::Text(text.into());
        let all = [Signature, Timestamp, DeliveryId];
        assert_eq!(parse("{signature}", &all).unwrap(), [Signature]);
        assert_eq!(
            parse("t={timestamp},v1={signature}", &all).unwrap(),
            [text("t="), Timestamp, text(",v1="), Signature]
        );
        assert_eq!(parse("", &all).unwrap(), []);
        assert_eq!(parse("plain", &all).unwrap(), [text("plain")]);
        assert_eq!(
            parse("{timestamp}.{body}.{delivery_id}x", &[Body, Timestamp, DeliveryId]).unwrap(),
            [Timestamp, text("."), Body, text("."), DeliveryId, text("x")]
        );
        for bad in ["{", "}", "{}", "{body}", "{ signature }", "{Signature}", "{{signature}}", "a}"]
        {
            let error = parse(bad, &all).unwrap_err();
            let expected = "braces stand for one of {signature}, {timestamp}, {delivery_id} only";
            assert_eq!(error, expected, "{bad}");
        }
    }
}
