use roxmltree::{Document, Node, NodeType};

/// The namespace of WebDAV's elements.
pub(crate) const DAV: &str = "DAV:";
pub(crate) const CONTENT_TYPE: &str = "application/xml; charset=utf-8";

/// The name of an element.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) space: String,
    local: String,
}

impl Name {
    pub(crate) fn dav(local: &str) -> Self {
        Self { space: DAV.to_owned(), local: local.to_owned() }
    }

    pub(crate) fn to_empty_xml(&self) -> String {
        format!("<{} xmlns=\"{}\"/>", self.local, escape(&self.space))
    }
}

/// An element with everything in it, as text that declares its own namespaces.
pub(crate) struct Element {
    pub(crate) name: Name,
    children: Vec<Element>,
    text: String,
}

impl Element {
    /// Reads a document. `None` if it is malformed, or declares a prefix for no namespace.
    pub(crate) fn parse(content: &[u8]) -> Option<Self> {
        let document = Document::parse(std::str::from_utf8(content).ok()?).ok()?;
        let is_null = |node: Node<'_, '_>| {
            node.namespaces().any(|namespace| namespace.name().is_some() && namespace.uri().is_empty())
        };
        match document.descendants().any(is_null) {
            true => None,
            false => Some(Self::of(document.root_element())),
        }
    }

    fn of(node: Node<'_, '_>) -> Self {
        let mut text = String::new();
        write(node, &mut text);
        let children = node.children().filter(Node::is_element).map(Self::of).collect();
        Self { name: name(node), children, text }
    }

    pub(crate) fn is(&self, space: &str, local: &str) -> bool {
        self.name.space == space && self.name.local == local
    }

    pub(crate) fn children(&self) -> impl Iterator<Item = &Self> {
        self.children.iter()
    }

    pub(crate) fn child(&self, space: &str, local: &str) -> Option<&Self> {
        self.children().find(|child| child.is(space, local))
    }

    pub(crate) fn to_xml(&self) -> String {
        self.text.clone()
    }
}

fn name(node: Node<'_, '_>) -> Name {
    let name = node.tag_name();
    Name { space: name.namespace().unwrap_or_default().to_owned(), local: name.name().to_owned() }
}

/// Writes a node so that it means the same wherever it stands.
fn write(node: Node<'_, '_>, text: &mut String) {
    match node.node_type() {
        NodeType::Text => text.push_str(&escape(node.text().unwrap_or_default())),
        NodeType::Element => {
            let Name { space, local } = name(node);
            text.push_str(&format!("<{local} xmlns=\"{}\"", escape(&space)));
            for (number, attribute) in node.attributes().enumerate() {
                let (local, value) = (attribute.name(), escape(attribute.value()));
                match attribute.namespace() {
                    None => text.push_str(&format!(" {local}=\"{value}\"")),
                    Some("http://www.w3.org/XML/1998/namespace") => {
                        text.push_str(&format!(" xml:{local}=\"{value}\""));
                    }
                    Some(space) => {
                        let space = escape(space);
                        text.push_str(&format!(" xmlns:a{number}=\"{space}\" a{number}:{local}=\"{value}\""));
                    }
                }
            }
            text.push('>');
            node.children().for_each(|child| write(child, text));
            text.push_str(&format!("</{local}>"));
        }
        NodeType::Root | NodeType::Comment | NodeType::PI => {}
    }
}

/// A document whose root is an element of `DAV:`.
pub(crate) fn document(root: &str, content: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:{root} xmlns:D=\"DAV:\">{content}</D:{root}>\n")
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
