//! Strings in configurations that are programs: JavaScript, TypeScript, and JSON with comments.
//!
//! Nothing is run. A key's value counts if it is written as a plain string; whatever else stands there is *unclear*, and
//! somebody has to be asked.

/// What a configuration says about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing.
    Nothing,
    /// This.
    Text(String),
    /// Something that has to be computed, or several things.
    Unclear,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Text(String),
    Word(String),
    Sign(char),
    /// A template with something to compute in it.
    Computed,
}

/// What the text says about a key, named by the last names of its path: `["build", "outDir"]` is `outDir` in the object that
/// is `build`; `["outDir"]` is one in an object without a name, as the whole configuration is.
pub(super) fn said(text: &str, path: &[&str]) -> Said {
    let tokens = tokens(text);
    let mut names: Vec<String> = Vec::new();
    let mut said = Said::Nothing;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('{' | '[' | '(') => {
                let key_name =
                    at.checked_sub(2)
                        .and_then(|key| match (&tokens[key], &tokens[at - 1]) {
                            (Token::Word(name) | Token::Text(name), Token::Sign(':')) => {
                                Some(name.clone())
                            }
                            _ => None,
                        });
                names.push(key_name.unwrap_or_default());
            }
            Token::Sign('}' | ']' | ')') => {
                names.pop();
            }
            Token::Word(name) | Token::Text(name)
                if path.last() == Some(&name.as_str())
                    && begins_entry(&tokens, at)
                    && is_at(&names, &path[..path.len() - 1]) =>
            {
                let found = value(&tokens[at + 1..]);
                said = match (said, found) {
                    (same, None) => same,
                    (Said::Nothing, Some(found)) => found,
                    (same, Some(found)) if same == found => same,
                    _ => Said::Unclear,
                };
            }
            _ => {}
        }
    }
    said
}

fn begins_entry(tokens: &[Token], at: usize) -> bool {
    at > 0 && matches!(tokens[at - 1], Token::Sign('{' | ','))
}

/// Whether the innermost object has the name that the path asks for.
fn is_at(names: &[String], parents: &[&str]) -> bool {
    match parents {
        [] => names.last().is_some_and(String::is_empty),
        _ => names.len() >= parents.len() && names[names.len() - parents.len()..] == *parents,
    }
}

/// What stands after a key; none: it is not a key.
fn value(behind: &[Token]) -> Option<Said> {
    match behind {
        [
            Token::Sign(':'),
            Token::Text(text),
            Token::Sign(',' | '}'),
            ..,
        ] => Some(Said::Text(text.clone())),
        // A shorthand, or a method.
        [Token::Sign(':' | ',' | '}' | '('), ..] => Some(Said::Unclear),
        _ => None,
    }
}

/// The first string given to a function of this name.
pub(super) fn given(text: &str, function: &str) -> Said {
    let tokens = tokens(text);
    let calls = tokens.windows(4).filter(
        |tokens| matches!(tokens, [Token::Word(name), Token::Sign('('), ..] if name == function),
    );
    let mut calls = calls.map(|tokens| match &tokens[2..] {
        [Token::Text(text), Token::Sign(')' | ',')] => Said::Text(text.clone()),
        _ => Said::Unclear,
    });
    match (calls.next(), calls.next()) {
        (None, _) => Said::Nothing,
        (Some(only), None) => only,
        _ => Said::Unclear,
    }
}

/// Whether a program loads a module and uses it: what it calls the module, it must name once more.
pub(super) fn uses(text: &str, is_module: impl Fn(&str) -> bool) -> bool {
    let tokens = tokens(text);
    let named = |name: &String| {
        let same = |token: &&Token| matches!(token, Token::Word(word) if word == name);
        tokens.iter().filter(same).count() > 1
    };
    let mut places =
        (0..tokens.len()).filter(|at| matches!(&tokens[*at], Token::Text(text) if is_module(text)));
    places.any(|at| match &tokens[..at] {
        // Its types run nothing.
        [
            ..,
            Token::Word(import),
            Token::Word(kind),
            Token::Word(_),
            Token::Word(from),
        ] if import == "import" && kind == "type" && from == "from" => false,
        [.., Token::Word(name), Token::Word(from)] if from == "from" => named(name),
        [
            ..,
            Token::Word(name),
            Token::Sign('='),
            Token::Word(require),
            Token::Sign('('),
        ] if require == "require" => named(name),
        _ => true,
    })
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let rest = &text[at..];
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.find("*/").map_or(rest.len(), |end| end + 4)
        } else if matches!(c, '"' | '\'' | '`') {
            let (token, length) = string(rest, c);
            tokens.push(token);
            length
        } else if c == '/' && may_begin_pattern(tokens.last()) {
            tokens.push(Token::Computed);
            pattern(rest)
        } else if c.is_alphabetic() || matches!(c, '_' | '$') {
            let end = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'));
            let length = rest.find(end).unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..length].to_owned()));
            length
        } else {
            if !c.is_whitespace() {
                tokens.push(Token::Sign(c));
            }
            c.len_utf8()
        };
        while chars.peek().is_some_and(|(next, _)| *next < at + length) {
            chars.next();
        }
    }
    tokens
}

/// A string and its length in the source.
fn string(source: &str, quote: char) -> (Token, usize) {
    let mut text = String::new();
    let mut computed = false;
    let mut chars = source.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => text.extend(chars.next().map(|(_, escaped)| escaped)),
            '\n' if quote != '`' => return (Token::Computed, at),
            '$' if quote == '`' && chars.peek().is_some_and(|(_, c)| *c == '{') => computed = true,
            c if c == quote => {
                let token = if computed {
                    Token::Computed
                } else {
                    Token::Text(text)
                };
                return (token, at + 1);
            }
            c => text.push(c),
        }
    }
    (Token::Computed, source.len())
}

/// Whether a slash begins a regular expression, which may hold quotes and braces.
fn may_begin_pattern(before: Option<&Token>) -> bool {
    match before {
        None
        | Some(Token::Sign(
            '(' | ',' | '=' | ':' | '[' | '!' | '&' | '|' | '?' | '{' | '}' | ';',
        )) => true,
        Some(Token::Word(word)) => word == "return",
        _ => false,
    }
}

fn pattern(source: &str) -> usize {
    let mut in_class = false;
    let mut chars = source.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return at + 1,
            '\n' => return 1,
            _ => {}
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Said {
        Said::Text(text.to_owned())
    }

    #[test]
    fn takes_plain_strings_and_nothing_else() {
        let key = ["outDir"];
        for (source, wanted) in [
            (
                "export default defineConfig({ outDir: './www' })",
                text("./www"),
            ),
            ("module.exports = {\n  \"outDir\": `www`,\n}", text("www")),
            (
                "// { outDir: 'no' }\nx({ /* outDir: 'no', */ outDir: 'www' })",
                text("www"),
            ),
            ("x({ about: \"{ outDir: 'no' }\" })", Said::Nothing),
            ("x({ test: /['\"{]/, outDir: 'www' })", text("www")),
            ("x({ test: a / b, outDir: 'www' })", text("www")),
            ("x({ outDir: process.env.OUT || 'www' })", Said::Unclear),
            ("x({ outDir: `${base}/www` })", Said::Unclear),
            ("x({ outDir: 'a' + 'b' })", Said::Unclear),
            ("const outDir = 'www'; x({ outDir })", Said::Unclear),
            ("x(dev ? { outDir: 'a' } : { outDir: 'b' })", Said::Unclear),
            ("x(dev ? { outDir: 'a' } : { outDir: 'a' })", text("a")),
            ("x({ build: { outDir: 'www' } })", Said::Nothing),
            ("x({ outDir: 'it\\'s' })", text("it's")),
            ("", Said::Nothing),
            ("x({ outDir: 'www", Said::Unclear),
        ] {
            assert_eq!(said(source, &key), wanted, "{source}");
        }
    }

    #[test]
    fn follows_names_of_objects() {
        let path = ["build", "outDir"];
        assert_eq!(said("x({ build: { outDir: 'www' } })", &path), text("www"));
        assert_eq!(
            said("x({ 'build': { a: {}, outDir: 'www', } })", &path),
            text("www")
        );
        assert_eq!(
            said("x({ outDir: 'www', build: {} })", &path),
            Said::Nothing
        );
        assert_eq!(
            said("x({ test: { build: 1 }, b: { outDir: 'www' } })", &path),
            Said::Nothing
        );
    }

    #[test]
    fn takes_what_a_function_is_given() {
        let name = "setOutputDirectory";
        assert_eq!(
            given("config.setOutputDirectory(\"www\");", name),
            text("www")
        );
        assert_eq!(
            given("config.setOutputDirectory(out);", name),
            Said::Unclear
        );
        assert_eq!(
            given("// config.setOutputDirectory('www')", name),
            Said::Nothing
        );
    }
}
