//! From text to syntax, by the `cel` crate.

use cel::common::ast::SourceInfo;
use cel::{Env, IdedExpr};

use super::mistake::{Mistake, Place};

/// The longest condition, in bytes. One that a person can still read is far below.
pub const MAX_BYTES: usize = 4096;
/// How deep parentheses, brackets and calls may stand in each other.
const MAX_NESTING: u16 = 48;
/// The parser calls itself for every operator of a chain: 2,000 additions, which fit into
/// [`MAX_BYTES`], took between 8 and 16 MiB. Only what is used is ever taken from the machine.
const STACK: usize = 64 << 20;

/// Parses a condition and hands it to `then`, on a thread with a stack for the deepest syntax
/// that a condition can have.
pub(super) fn parse<T: Send>(
    source: &str,
    then: impl FnOnce(IdedExpr, SourceInfo) -> Result<T, Mistake> + Send,
) -> Result<T, Mistake> {
    let begin = Place::default();
    if source.trim().is_empty() {
        let detail = "the condition is empty; leave it out to take every event";
        return Err(Mistake::new(source, begin, detail));
    }
    if source.len() > MAX_BYTES {
        let detail = format!("the condition has {} bytes; it can have {MAX_BYTES}", source.len());
        return Err(Mistake::new(source, begin, detail));
    }
    let work = || {
        // Without macros: `has` and `exists` stay as they were written, and so do their places.
        let env = Env::default().with_optional_support(false);
        let parser = env.parser().max_recursion_depth(MAX_NESTING);
        let (expr, info) =
            parser.parse_with_source_info(source).map_err(|errors| first(source, &errors))?;
        then(expr, info)
    };
    let failed = |what: &str| Err(Mistake::new(source, begin, what));
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => failed("the condition makes the parser fail; please report this"),
            Err(_) => failed("there is no memory to read the condition with; try again later"),
        }
    })
}

/// The first of the parser's complaints: the others follow from it, as a rule.
fn first(source: &str, errors: &cel::ParseErrors) -> Mistake {
    let Some(error) = errors.errors.first() else {
        return Mistake::new(source, Place::default(), "this is not CEL");
    };
    let (line, column) = error.pos;
    let at = offset(source, line, column);
    let rest: String = source.chars().skip(at as usize).collect();
    let token: String =
        rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').take(40).collect();
    let length = u32::try_from(token.chars().count()).unwrap_or(1).max(1);
    let place = Place { start: at, end: at + length };
    Mistake::new(source, place, explain(&error.msg, rest.trim_end()))
}

/// The parser's words are those of its grammar; these say what to do.
fn explain(message: &str, rest: &str) -> String {
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    let next = rest.chars().next();
    if message.contains("Recursion limit") {
        return format!("this stands in more than {MAX_NESTING} parentheses, brackets and calls");
    }
    if rest.starts_with('=') {
        return "`=` is no operator; compare with `==`".to_owned();
    }
    if let Some(quote) = next.filter(|c| matches!(c, '"' | '\''))
        && message.contains("token recognition")
    {
        return format!(
            "this text has no closing {quote}, or a backslash before a letter that means nothing: \
             write \\\\ for a backslash"
        );
    }
    match (next, message) {
        (Some('&' | '|'), _) if message.contains("token recognition") => {
            "write `&&` for and, `||` for or".to_owned()
        }
        (None, _) => "something is missing at the end".to_owned(),
        (Some(_), "invalid int literal") => "this number is too large".to_owned(),
        (Some(c), _) if message.contains("token recognition") => {
            format!("`{c}` has no meaning here")
        }
        (Some(_), _) if message.contains("<EOF>") => {
            "an operator such as `&&` or `==` is missing before this".to_owned()
        }
        (Some(_), _) if message.starts_with("reserved identifier") => {
            "this word is reserved, and has no meaning in a condition".to_owned()
        }
        (Some(_), message) if message.starts_with("missing ") => {
            let missing = message.trim_start_matches("missing ").split(' ').next();
            format!("{} is missing before this", missing.unwrap_or_default())
        }
        (Some(c), _)
            if ["mismatched", "no viable", "extraneous"].iter().any(|m| message.starts_with(m)) =>
        {
            format!("`{c}` cannot stand here")
        }
        _ => message.to_owned(),
    }
}

/// The number of the character at a line and column, both counted from 1.
fn offset(source: &str, line: isize, column: isize) -> u32 {
    let lines = source.split('\n').take(usize::try_from(line - 1).unwrap_or(0));
    let before: usize = lines.map(|line| line.chars().count() + 1).sum();
    u32::try_from(before + usize::try_from(column - 1).unwrap_or(0)).unwrap_or(u32::MAX)
}
