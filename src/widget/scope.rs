//! Which tags of a page are ours to change.

use super::Attributes;
use super::product::{Kind, Product};

/// The tags of a page that a run answers for. It leaves all others as they are: where the rules give a page one product, a tag
/// of the other that an author pasted is the author's business, and `verify` warns of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The product that the page is to have.
    wanted: Option<Product>,
    /// Whether the site has organizations with the customer widget.
    customers: bool,
}

impl Scope {
    /// For a page that is to have this product, or none.
    #[must_use]
    pub fn new(wanted: Option<Product>, customers: bool) -> Self {
        Self { wanted, customers }
    }

    /// Whether a tag is in it.
    #[must_use]
    pub fn covers(self, kind: Kind, attributes: &Attributes) -> bool {
        kind.is_written(attributes)
            || match self.wanted {
                Some(wanted) => kind.product() == wanted,
                None => self.manages(kind.product()),
            }
    }

    /// Whether this tool puts a product into pages of the site. The customer widget has been on sites for longer than this tool
    /// knows it, and stays there until an organization has it.
    #[must_use]
    pub fn manages(self, product: Product) -> bool {
        product == Product::Operator || self.customers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_what_is_written_by_us_and_what_pages_are_to_have() {
        let pasted = Attributes::default();
        let written = [("data-org".to_owned(), "x".to_owned())];
        let written: Attributes = written.into_iter().collect();
        let (operator, customer) = (Some(Product::Operator), Some(Product::Customer));
        for (wanted, customers, loader, widget, other) in [
            (operator, false, true, true, false),
            (operator, true, true, true, false),
            (customer, true, true, false, true),
            (None, false, true, true, false),
            (None, true, true, true, true),
        ] {
            let scope = Scope::new(wanted, customers);
            let covered = [Kind::Loader, Kind::Widget, Kind::Customer]
                .map(|kind| scope.covers(kind, &pasted));
            assert_eq!(covered, [loader, widget, other], "{scope:?}");
            for kind in [Kind::Loader, Kind::Widget, Kind::Customer] {
                assert!(scope.covers(kind, &written), "{scope:?} {kind:?}");
            }
        }
    }
}
