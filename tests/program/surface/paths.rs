//! Which item a path leads to: modules, items and imports of a crate's sources.

use std::collections::BTreeMap;
use std::path::Path;

use syn::{Attribute, Item, UseTree, Visibility};

/// The way to a module from the crate's root.
pub(super) type Way = Vec<String>;

/// An item by its module and its name there.
pub(super) type Definition = (Way, String);

/// The modules of a crate.
pub(super) struct Crate {
    pub(super) modules: BTreeMap<Way, Module>,
}

#[derive(Default)]
pub(super) struct Module {
    pub(super) items: Vec<Item>,
    /// The conditions on it and on those above it.
    pub(super) conditions: Vec<String>,
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Module(Way),
    Item(Definition),
    /// Not of this crate.
    Outside(String),
}

/// A name that is imported.
pub(super) struct Import {
    pub(super) name: String,
    pub(super) path: Vec<String>,
}

impl Crate {
    /// All modules below `source/lib.rs`, but for those of tests.
    pub(super) fn read(source: &Path) -> Self {
        let mut found = Self {
            modules: BTreeMap::new(),
        };
        let root = parse(&source.join("lib.rs"));
        found.add(source, Vec::new(), root, Vec::new());
        found
    }

    fn add(&mut self, folder: &Path, way: Way, mut items: Vec<Item>, conditions: Vec<String>) {
        for item in &mut items {
            let Item::Mod(module) = item else { continue };
            let Some(own) = conditions_of(&module.attrs) else {
                continue;
            };
            let name = module.ident.to_string();
            let below = match &mut module.content {
                Some((_, items)) => std::mem::take(items),
                None => parse(&folder.join(format!("{name}.rs"))),
            };
            let way = [way.clone(), vec![name.clone()]].concat();
            let conditions = [conditions.clone(), own].concat();
            self.add(&folder.join(&name), way, below, conditions);
        }
        self.modules.insert(way, Module { items, conditions });
    }

    /// What `path`, as it is written in the module at `way`, leads to.
    pub(super) fn resolve(&self, way: &[String], path: &[String]) -> Found {
        let outside = || Found::Outside(path.join("::"));
        let Some((first, mut rest)) = path.split_first() else {
            return outside();
        };
        let mut at = match first.as_str() {
            "crate" => Found::Module(Vec::new()),
            "self" => Found::Module(way.to_vec()),
            "super" => {
                let mut above = way.to_vec();
                above.pop();
                while let Some(("super", after)) = rest
                    .split_first()
                    .map(|(first, rest)| (first.as_str(), rest))
                {
                    above.pop();
                    rest = after;
                }
                Found::Module(above)
            }
            name => match self.named(way, name) {
                Some(found) => found,
                None => return outside(),
            },
        };
        for name in rest {
            at = match at {
                Found::Module(way) => match self.named(&way, name) {
                    Some(found) => found,
                    None => return outside(),
                },
                // A variant, or something else that is within an item.
                Found::Item(_) => return at,
                Found::Outside(before) => Found::Outside(format!("{before}::{name}")),
            };
        }
        at
    }

    fn named(&self, way: &[String], name: &str) -> Option<Found> {
        let below = [way, &[name.to_owned()]].concat();
        if self.modules.contains_key(&below) {
            return Some(Found::Module(below));
        }
        let items = &self.modules.get(way)?.items;
        if items
            .iter()
            .any(|item| item_name(item).as_deref() == Some(name))
        {
            return Some(Found::Item((way.to_vec(), name.to_owned())));
        }
        let uses = items.iter().filter_map(|item| match item {
            Item::Use(item) => Some(imports(&item.tree)),
            _ => None,
        });
        let import = uses.flatten().find(|import| import.name == name)?;
        // `use serde::…` in a module `serde` would lead back here.
        match import.path.first().is_some_and(|first| first == name) && import.path.len() == 1 {
            true => Some(Found::Outside(name.to_owned())),
            false => Some(self.resolve(way, &import.path)),
        }
    }
}

fn parse(path: &Path) -> Vec<Item> {
    let text = std::fs::read_to_string(path);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file = syn::parse_file(&text);
    file.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .items
}

/// The names that `tree` imports.
pub(super) fn imports(tree: &UseTree) -> Vec<Import> {
    fn walk(tree: &UseTree, before: &[String], found: &mut Vec<Import>) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => walk(&path.tree, &with(&path.ident), found),
            UseTree::Name(name) if name.ident == "self" => found.push(Import {
                name: before.last().cloned().unwrap_or_default(),
                path: before.to_vec(),
            }),
            UseTree::Name(name) => found.push(Import {
                name: name.ident.to_string(),
                path: with(&name.ident),
            }),
            UseTree::Rename(rename) => found.push(Import {
                name: rename.rename.to_string(),
                path: with(&rename.ident),
            }),
            UseTree::Group(group) => group
                .items
                .iter()
                .for_each(|tree| walk(tree, before, found)),
            // Of this crate's own there are none in public.
            UseTree::Glob(_) => {}
        }
    }
    let mut found = Vec::new();
    walk(tree, &[], &mut found);
    found
}

pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The name of an item that is no module, import or `impl`.
pub(super) fn item_name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// The conditions under which something is compiled; `None` if only tests do.
pub(super) fn conditions_of(attributes: &[Attribute]) -> Option<Vec<String>> {
    let conditions = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"));
    let conditions = conditions.map(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.tokens.to_string(),
        _ => String::new(),
    });
    let conditions: Vec<String> = conditions.collect();
    let tests = |condition: &String| ["test", "doctest"].contains(&condition.as_str());
    (!conditions.iter().any(tests)).then_some(conditions)
}
