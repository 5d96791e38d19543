//! Reading the settings.

use serde::de::DeserializeOwned;

use crate::Problem;

/// The settings as the plugin's own type.
///
/// # Errors
/// Says where and what is wrong. The host has checked them against the schema, so this means
/// that schema and type differ.
#[doc(hidden)]
pub fn read<T: DeserializeOwned>(settings: &str) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_str(settings);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string().replace('.', "/");
        Problem {
            at: Some(if path == "/" || path.is_empty() {
                String::new()
            } else {
                format!("/{path}")
            }),
            message: error.into_inner().to_string(),
        }
    })
}

#[doc(hidden)]
pub fn problems<T: DeserializeOwned>(
    settings: &str,
    check: impl FnOnce(&T) -> Vec<Problem>,
) -> Vec<Problem> {
    match read(settings) {
        Ok(settings) => check(&settings),
        Err(problem) => vec![problem],
    }
}
