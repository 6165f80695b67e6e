//! The lines of the surface: what can be reached in public, and what it is.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Attribute, Fields, ImplItem, Item, Meta, Signature, Token, TraitItem, Type};

use super::paths::{Crate, Definition, Found, Way, conditions_of, imports, is_public, item_name};

/// The module of doors for benchmarks, which promises nothing.
const PROMISES_NOTHING: &str = "bench";

/// One line for each public name.
pub(super) fn lines(krate: &Crate) -> Vec<String> {
    let mut public = Public {
        krate,
        lines: Vec::new(),
        names: BTreeMap::new(),
    };
    public.module(&[], "kobling");
    let implementations = Implementations::of(krate);
    let Public {
        mut lines, names, ..
    } = public;
    for (definition, paths) in &names {
        let shortest = paths
            .iter()
            .min_by_key(|path| (path.matches("::").count(), *path));
        let Some(path) = shortest else { continue };
        let others = paths.iter().filter(|other| *other != path);
        lines.extend(others.map(|other| format!("{other}  = {path}")));
        lines.extend(item_lines(krate, definition, path, &implementations));
    }
    lines
}

/// What can be reached from the root.
struct Public<'a> {
    krate: &'a Crate,
    lines: Vec<String>,
    /// By item, the paths that lead to it in public.
    names: BTreeMap<Definition, BTreeSet<String>>,
}

impl Public<'_> {
    fn module(&mut self, way: &[String], path: &str) {
        let krate = self.krate;
        for item in &krate.modules[way].items {
            if let Item::Mod(module) = item {
                let name = module.ident.to_string();
                let is_seen = conditions_of(&module.attrs).is_some() && name != PROMISES_NOTHING;
                if is_public(&module.vis) && is_seen {
                    let below = [way, std::slice::from_ref(&name)].concat();
                    let path = format!("{path}::{name}");
                    let when = when(&krate.modules[&below].conditions);
                    self.lines.push(format!("{path}  {when}mod"));
                    self.module(&below, &path);
                }
            } else if let Item::Use(item) = item {
                if is_public(&item.vis) {
                    for import in imports(&item.tree) {
                        let found = krate.resolve(way, &import.path);
                        self.import(found, format!("{path}::{}", import.name));
                    }
                }
            } else if let Some(name) = item_name(item).filter(|_| is_open(item)) {
                let paths = self.names.entry((way.to_vec(), name.clone()));
                paths.or_default().insert(format!("{path}::{name}"));
            }
        }
    }

    fn import(&mut self, found: Found, path: String) {
        match found {
            Found::Module(way) => self.module(&way, &path),
            Found::Item(definition) => {
                self.names.entry(definition).or_default().insert(path);
            }
            Found::Outside(other) => self.lines.push(format!("{path}  use {other}")),
        }
    }
}

fn is_open(item: &Item) -> bool {
    let (visibility, attributes) = match item {
        Item::Const(item) => (&item.vis, &item.attrs),
        Item::Enum(item) => (&item.vis, &item.attrs),
        Item::Fn(item) => (&item.vis, &item.attrs),
        Item::Static(item) => (&item.vis, &item.attrs),
        Item::Struct(item) => (&item.vis, &item.attrs),
        Item::Trait(item) => (&item.vis, &item.attrs),
        Item::Type(item) => (&item.vis, &item.attrs),
        _ => return false,
    };
    is_public(visibility) && conditions_of(attributes).is_some()
}

/// What is implemented for the crate's types.
#[derive(Default)]
struct Implementations {
    /// Public methods and constants: their name, and the rest of their line.
    own: BTreeMap<Definition, Vec<(String, String)>>,
    traits: BTreeMap<Definition, BTreeSet<String>>,
}

impl Implementations {
    fn of(krate: &Crate) -> Self {
        let mut found = Self::default();
        for (way, module) in &krate.modules {
            for item in &module.items {
                let Item::Impl(item) = item else { continue };
                let conditions = conditions_of(&item.attrs);
                let definition = definition_of(krate, way, &item.self_ty);
                let (Some(own), Some(definition)) = (conditions, definition) else {
                    continue;
                };
                let conditions = [module.conditions.clone(), own].concat();
                if let Some((path, _)) = &item.trait_ {
                    let name = text(path.segments.last()).replace("<'de>", "");
                    let traits = found.traits.entry(definition).or_default();
                    traits.insert(format!("{}{name}", when(&conditions)));
                    continue;
                }
                let methods = found.own.entry(definition).or_default();
                methods.extend(
                    item.items
                        .iter()
                        .filter_map(|item| member(item, &conditions)),
                );
            }
        }
        found
    }
}

/// A public member of an `impl`: its name, and the rest of its line.
fn member(item: &ImplItem, conditions: &[String]) -> Option<(String, String)> {
    let (visibility, attributes, name, what) = match item {
        ImplItem::Fn(item) => (
            &item.vis,
            &item.attrs,
            &item.sig.ident,
            signature(&item.sig),
        ),
        ImplItem::Const(item) => (
            &item.vis,
            &item.attrs,
            &item.ident,
            format!("const: {}", text(&item.ty)),
        ),
        _ => return None,
    };
    let own = conditions_of(attributes).filter(|_| is_public(visibility))?;
    let conditions = [conditions.to_vec(), own].concat();
    Some((name.to_string(), format!("{}{what}", when(&conditions))))
}

/// The item that a type is, without references and arguments.
fn definition_of(krate: &Crate, way: &Way, kind: &Type) -> Option<Definition> {
    let Type::Path(path) = kind else { return None };
    let segments = path.path.segments.iter();
    let path: Vec<String> = segments.map(|segment| segment.ident.to_string()).collect();
    match krate.resolve(way, &path) {
        Found::Item(definition) => Some(definition),
        Found::Module(_) | Found::Outside(_) => None,
    }
}

fn item_lines(
    krate: &Crate,
    definition: &Definition,
    path: &str,
    implementations: &Implementations,
) -> Vec<String> {
    let (way, name) = definition;
    let module = &krate.modules[way];
    let is_it = |item: &&Item| item_name(item).as_deref() == Some(name) && is_open(item);
    let mut lines = Vec::new();
    for item in module.items.iter().filter(is_it) {
        let begin = |attributes: &[Attribute]| {
            let own = conditions_of(attributes).unwrap_or_default();
            let conditions = [module.conditions.clone(), own].concat();
            format!(
                "{path}  {}{}",
                when(&conditions),
                non_exhaustive(attributes)
            )
        };
        let traits = |attributes: &[Attribute]| {
            let mut traits = derived(attributes);
            let own = implementations.traits.get(definition);
            traits.extend(own.into_iter().flatten().cloned());
            let traits: Vec<String> = traits.into_iter().collect();
            match traits.is_empty() {
                true => String::new(),
                false => format!(": {}", traits.join(", ")),
            }
        };
        match item {
            Item::Fn(item) => lines.push(begin(&item.attrs) + &signature(&item.sig)),
            Item::Const(item) => {
                lines.push(format!("{}const: {}", begin(&item.attrs), text(&item.ty)));
            }
            Item::Static(item) => {
                lines.push(format!("{}static: {}", begin(&item.attrs), text(&item.ty)));
            }
            Item::Type(item) => {
                let (begin, generics) = (begin(&item.attrs), text(&item.generics));
                lines.push(format!("{begin}type{generics} = {}", text(&item.ty)));
            }
            Item::Struct(item) => {
                let (begin, generics) = (begin(&item.attrs), text(&item.generics));
                let traits = traits(&item.attrs);
                lines.push(format!("{begin}struct {name}{generics}{traits}"));
                lines.extend(fields(&item.fields, path));
            }
            Item::Enum(item) => {
                let (begin, generics) = (begin(&item.attrs), text(&item.generics));
                let traits = traits(&item.attrs);
                lines.push(format!("{begin}enum {name}{generics}{traits}"));
                lines.extend(item.variants.iter().map(|variant| {
                    let fields = match &variant.fields {
                        Fields::Unit => String::new(),
                        Fields::Unnamed(fields) => {
                            let kinds = fields.unnamed.iter().map(|field| text(&field.ty));
                            format!("({})", kinds.collect::<Vec<_>>().join(", "))
                        }
                        Fields::Named(fields) => {
                            let fields = fields.named.iter().map(|field| {
                                format!("{}: {}", text(&field.ident), text(&field.ty))
                            });
                            format!(" {{ {} }}", fields.collect::<Vec<_>>().join(", "))
                        }
                    };
                    let variant_name = &variant.ident;
                    let marks = non_exhaustive(&variant.attrs);
                    format!("{path}::{variant_name}  {marks}variant{fields}")
                }));
            }
            Item::Trait(item) => {
                let begin = begin(&item.attrs);
                let above = match item.supertraits.is_empty() {
                    true => String::new(),
                    false => format!(": {}", text(&item.supertraits)),
                };
                let generics = text(&item.generics);
                lines.push(format!("{begin}trait {name}{generics}{above}"));
                lines.extend(item.items.iter().filter_map(|item| match item {
                    TraitItem::Fn(item) => {
                        let (name, what) = (&item.sig.ident, signature(&item.sig));
                        Some(format!("{path}::{name}  {what}"))
                    }
                    TraitItem::Type(item) => Some(format!("{path}::{}  type", item.ident)),
                    TraitItem::Const(item) => {
                        Some(format!("{path}::{}  const: {}", item.ident, text(&item.ty)))
                    }
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    let own = implementations.own.get(definition).into_iter().flatten();
    lines.extend(own.map(|(name, what)| format!("{path}::{name}  {what}")));
    lines
}

fn fields(fields: &Fields, path: &str) -> Vec<String> {
    let fields = fields.iter().enumerate();
    let open = fields.filter(|(_, field)| is_public(&field.vis));
    let lines = open.map(|(place, field)| {
        let name = field.ident.as_ref();
        let name = name.map_or(place.to_string(), ToString::to_string);
        format!("{path}::{name}  field: {}", text(&field.ty))
    });
    lines.collect()
}

fn non_exhaustive(attributes: &[Attribute]) -> &'static str {
    let mut attributes = attributes.iter();
    match attributes.any(|attribute| attribute.path().is_ident("non_exhaustive")) {
        true => "#[non_exhaustive] ",
        false => "",
    }
}

fn derived(attributes: &[Attribute]) -> BTreeSet<String> {
    let names = attributes
        .iter()
        .flat_map(|attribute| derived_by(&attribute.meta, &[]));
    names.collect()
}

/// The traits that an attribute derives, under `conditions` and those of its own.
fn derived_by(attribute: &Meta, conditions: &[String]) -> Vec<String> {
    let Meta::List(list) = attribute else {
        return Vec::new();
    };
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let mut parts = parts.into_iter().flatten();
    if list.path.is_ident("derive") {
        let name = |name| format!("{}{}", when(conditions), text(name));
        return parts.map(name).collect();
    }
    if !list.path.is_ident("cfg_attr") {
        return Vec::new();
    }
    let mut conditions = conditions.to_vec();
    conditions.extend(parts.next().map(text));
    let derived = parts.flat_map(|attribute| derived_by(&attribute, &conditions));
    derived.collect()
}

/// The condition that something is compiled under, in front of it.
fn when(conditions: &[String]) -> String {
    let conditions = conditions
        .iter()
        .map(|condition| format!("[{}] ", tidy(condition)));
    conditions.collect()
}

/// A function without its name.
fn signature(signature: &Signature) -> String {
    let whole = text(signature);
    let whole = whole.replacen(&format!("fn {}", signature.ident), "fn", 1);
    // That an argument may be changed within is no matter of who calls.
    whole.replace("(mut ", "(").replace(", mut ", ", ")
}

fn text(tokens: impl ToTokens) -> String {
    tidy(&tokens.to_token_stream().to_string())
}

/// Rust as it is written, of tokens with a space between any two.
fn tidy(tokens: &str) -> String {
    let mut tidy = String::new();
    let words: Vec<&str> = tokens.split_whitespace().collect();
    for (place, word) in words.iter().enumerate() {
        let before = place.checked_sub(1).map_or("", |before| words[before]);
        let joins = before.is_empty()
            || before.ends_with(['(', '[', '<', '&', '!', '?', '#'])
            || before.ends_with("::")
            || word.starts_with([',', ')', ']', '>', ';', '?', '.', ':'])
            || word.starts_with('<')
            || word.starts_with('(') && is_called(before)
            || before == "'";
        if !joins {
            tidy.push(' ');
        }
        tidy.push_str(word);
    }
    tidy.replace(",)", ")").replace(",>", ">")
}

/// Whether what is in front of a bracket is a name.
fn is_called(before: &str) -> bool {
    let is_arrow = before.ends_with("->");
    let last = before.chars().last();
    !is_arrow && last.is_some_and(|last| last.is_alphanumeric() || last == '_' || last == '>')
}
