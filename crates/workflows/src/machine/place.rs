//! Where in a run something happens.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::definition::NodeIndex;

/// A node, executed for the items on the way to it: what tells one step of a run from every other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The node.
    pub node: NodeIndex,
    /// For which items.
    pub path: ItemPath,
}

/// Which item of each `for-each` around a node is meant, counted from 0, the outermost first. Empty outside of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ItemPath(Option<Arc<[u32]>>);

impl Place {
    /// A node that is in no `for-each`.
    pub fn root(node: NodeIndex) -> Place {
        Place {
            node,
            path: ItemPath::default(),
        }
    }
}

impl ItemPath {
    /// The items.
    pub fn items(&self) -> &[u32] {
        self.0.as_deref().unwrap_or_default()
    }

    /// The path of one more item, further in.
    pub fn child(&self, item: u32) -> ItemPath {
        let items = self.items().iter().copied().chain([item]);
        ItemPath(Some(items.collect()))
    }

    /// The path around the innermost item, and that item.
    pub fn parent(&self) -> Option<(ItemPath, u32)> {
        let (item, around) = self.items().split_last()?;
        let around = (!around.is_empty()).then(|| around.into());
        Some((ItemPath(around), *item))
    }
}

impl fmt::Display for ItemPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (level, item) in self.items().iter().enumerate() {
            if level > 0 {
                f.write_str(".")?;
            }
            write!(f, "{item}")?;
        }
        Ok(())
    }
}

impl FromStr for ItemPath {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<ItemPath, Self::Err> {
        if text.is_empty() {
            return Ok(ItemPath::default());
        }
        let items: Result<Arc<[u32]>, _> = text.split('.').map(str::parse).collect();
        Ok(ItemPath(Some(items?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_back_what_it_shows() {
        let path = ItemPath::default().child(2).child(0);
        assert_eq!(path.to_string(), "2.0");
        assert_eq!("2.0".parse(), Ok(path.clone()));
        assert_eq!(path.parent(), Some((ItemPath::default().child(2), 0)));
        assert_eq!("".parse(), Ok(ItemPath::default()));
        assert_eq!(ItemPath::default().parent(), None);
    }
}
