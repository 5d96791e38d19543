//! What is wrong in a form, told above it, and beside the fields that it is about.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use super::forms::{Drawn, Mistakes};

/// Which mistakes stand beside which fields.
#[derive(Debug, Default)]
pub(super) struct Placed(Vec<(String, String)>);

impl Placed {
    /// Those that stand beside fields which were drawn.
    pub(super) fn note(&mut self, fields: &[Drawn]) {
        for field in fields {
            self.0.extend(field.errors.iter().map(|error| (error.clone(), field.id.clone())));
        }
    }

    /// Puts mistakes beside fields that a template draws by itself, of which `fields` says where in
    /// the document they stand, and their ids. They are taken out of the list, and returned by id.
    pub(super) fn beside(
        &mut self,
        fields: &[(&'static str, &'static str)],
        mistakes: &mut Mistakes,
    ) -> BTreeMap<&'static str, Vec<String>> {
        let mut beside: BTreeMap<_, _> = fields.iter().map(|(_, id)| (*id, Vec::new())).collect();
        mistakes.retain(|mistake| {
            let near = fields.iter().filter(|(pointer, _)| {
                let rest = mistake.pointer.strip_prefix(pointer);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            let Some((_, id)) = near.max_by_key(|(pointer, _)| pointer.len()) else { return true };
            self.0.push((mistake.detail.clone(), (*id).to_owned()));
            beside.entry(*id).or_default().push(mistake.detail.clone());
            false
        });
        beside
    }

    /// All mistakes, with the fields that they stand beside.
    pub(super) fn told(&self, all: &Mistakes) -> Vec<Value> {
        let told = all.iter().map(|one| {
            let id = self.0.iter().find(|(detail, _)| *detail == one.detail).map(|(_, id)| id);
            context! { pointer => one.pointer.as_str(), detail => one.detail.as_str(), id }
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::problem::FieldProblem;

    #[test]
    fn each_mistake_is_beside_the_nearest_field() {
        let wrong =
            |pointer: &str| FieldProblem { pointer: pointer.into(), detail: pointer.into() };
        let pointers = ["/auth/issuer", "/auth/kind", "/auth", "/authority", "/name/0"];
        let mut mistakes: Mistakes = pointers.into_iter().map(wrong).collect();
        let fields = [("/auth", "proof"), ("/auth/issuer", "issuer"), ("/name", "name")];
        let all = mistakes.clone();
        let mut placed = Placed::default();
        let beside = placed.beside(&fields, &mut mistakes);
        assert_eq!(beside["issuer"], ["/auth/issuer"]);
        assert_eq!(beside["proof"], ["/auth/kind", "/auth"]);
        assert_eq!(beside["name"], ["/name/0"]);
        assert_eq!(mistakes, [wrong("/authority")]);
        let ids: Vec<_> = placed.told(&all).iter().map(|one| one.get_attr("id").unwrap()).collect();
        assert_eq!(ids.iter().filter(|id| id.is_none()).count(), 1);
        assert_eq!(ids[0].as_str(), Some("issuer"));
    }
}
