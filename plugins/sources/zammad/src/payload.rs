//! Zammad's payload, as far as it is read. Strings are borrowed, and what is not read is
//! skipped: a payload is some ten times what becomes of it.

use std::fmt;

use hookwright_sdk::document::{Items, Text};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

#[derive(Debug, Deserialize)]
pub(crate) struct Payload<'a> {
    #[serde(borrow)]
    pub(crate) ticket: Option<Ticket<'a>>,
    #[serde(borrow, default)]
    pub(crate) article: Option<Article<'a>>,
    /// Only in custom payloads.
    #[serde(borrow, default)]
    pub(crate) event: Option<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Ticket<'a> {
    #[serde(borrow)]
    pub(crate) id: Text<'a>,
    #[serde(borrow)]
    pub(crate) number: Text<'a>,
    #[serde(borrow)]
    pub(crate) title: Text<'a>,
    #[serde(borrow)]
    pub(crate) state: Named<'a>,
    #[serde(borrow)]
    pub(crate) priority: Named<'a>,
    #[serde(borrow)]
    pub(crate) group: Named<'a>,
    #[serde(borrow)]
    pub(crate) organization: Named<'a>,
    #[serde(borrow)]
    pub(crate) owner: User<'a>,
    #[serde(borrow)]
    pub(crate) customer: User<'a>,
    #[serde(borrow)]
    pub(crate) updated_by: User<'a>,
    #[serde(borrow)]
    pub(crate) created_at: Text<'a>,
    #[serde(borrow)]
    pub(crate) updated_at: Text<'a>,
    #[serde(borrow)]
    pub(crate) close_at: Text<'a>,
    pub(crate) article_ids: Items<IgnoredAny>,
}

/// Empty (`{}`) when the event has no article.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Article<'a> {
    #[serde(borrow)]
    pub(crate) id: Text<'a>,
    #[serde(borrow)]
    pub(crate) body: Text<'a>,
    #[serde(borrow)]
    pub(crate) content_type: Text<'a>,
    #[serde(borrow)]
    pub(crate) created_at: Text<'a>,
    #[serde(borrow)]
    pub(crate) created_by: User<'a>,
    #[serde(borrow)]
    pub(crate) from: Text<'a>,
    pub(crate) internal: Option<bool>,
    #[serde(borrow)]
    pub(crate) sender: Named<'a>,
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Named<'a>,
    #[serde(borrow)]
    pub(crate) attachments: Items<Attachment<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Attachment<'a> {
    #[serde(borrow)]
    pub(crate) filename: Text<'a>,
    /// A string.
    #[serde(borrow)]
    pub(crate) size: Text<'a>,
    #[serde(borrow)]
    pub(crate) url: Text<'a>,
    #[serde(borrow)]
    pub(crate) preferences: Preferences<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Preferences<'a> {
    #[serde(borrow, rename = "Content-Type")]
    pub(crate) content_type: Text<'a>,
    #[serde(borrow, rename = "Mime-Type")]
    pub(crate) mime_type: Text<'a>,
}

/// A user: an object in the default payload, a login in a nested object, empty for nobody.
#[derive(Debug, Default)]
pub(crate) struct User<'a> {
    pub(crate) id: Text<'a>,
    pub(crate) firstname: Text<'a>,
    pub(crate) lastname: Text<'a>,
    pub(crate) login: Text<'a>,
    pub(crate) email: Text<'a>,
    pub(crate) phone: Text<'a>,
    pub(crate) mobile: Text<'a>,
    pub(crate) roles: Items<Text<'a>>,
}

/// A thing with a name: a string here, an object there.
#[derive(Debug, Default)]
pub(crate) struct Named<'a>(pub(crate) Text<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Named<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(field_identifier, rename_all = "lowercase")]
        enum Field {
            Name,
            #[serde(other)]
            Other,
        }
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Named<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, or an object with a name")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Named(Text(Some(text.into()))))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Named(Text(Some(text.to_owned().into()))))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Named::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut named = Named::default();
                while let Some(field) = map.next_key()? {
                    match field {
                        Field::Name => named.0 = map.next_value()?,
                        Field::Other => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(named)
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for User<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(field_identifier, rename_all = "lowercase")]
        enum Field {
            Id,
            Firstname,
            Lastname,
            Login,
            Email,
            Phone,
            Mobile,
            Roles,
            #[serde(other)]
            Other,
        }
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = User<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a user: an object or a login")
            }
            fn visit_borrowed_str<E>(self, login: &'de str) -> Result<Self::Value, E> {
                Ok(User { login: Text(Some(login.into())), ..User::default() })
            }
            fn visit_str<E>(self, login: &str) -> Result<Self::Value, E> {
                Ok(User { login: Text(Some(login.to_owned().into())), ..User::default() })
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(User::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut user = User::default();
                while let Some(field) = map.next_key()? {
                    match field {
                        Field::Id => user.id = map.next_value()?,
                        Field::Firstname => user.firstname = map.next_value()?,
                        Field::Lastname => user.lastname = map.next_value()?,
                        Field::Login => user.login = map.next_value()?,
                        Field::Email => user.email = map.next_value()?,
                        Field::Phone => user.phone = map.next_value()?,
                        Field::Mobile => user.mobile = map.next_value()?,
                        Field::Roles => user.roles = map.next_value()?,
                        Field::Other => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(user)
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

impl Article<'_> {
    /// Whether there is one.
    pub(crate) fn is_there(&self) -> bool {
        self.id.get().is_some() || self.body.get().is_some()
    }
}
