//! What a test of the subscription does. The ticket that it is about has no parent, and a comment
//! on any other would be read by people: so the API is asked for something instead.

use eddy_api::Asked;
use hookwright_sdk::{Answer, Judgement, Request, Verdict};

use crate::{Settings, request};

/// What the journal says of a test that went well.
const NOTE: &str = "a test: the API is there and takes the key; no comment was written, so whether \
                    the key's user may write to a parent is not known";

/// Asks for the list of departments: it is short, and nobody is named in it.
pub(crate) fn ask(settings: &Settings) -> Request {
    request("GET", "departments/", settings)
}

pub(crate) fn judge(answer: &Answer) -> Judgement {
    let mut judgement = eddy_api::judge(Asked::Read, answer);
    if let Verdict::Delivered(receipt) = &mut judgement.verdict {
        receipt.note = Some(NOTE.to_owned());
    }
    judgement
}
