//! `say!`: a text of the catalogue, with its values.
//!
//! 1. The first token is the English text, as `format!` takes it; it is also the key of the catalogue.
//! 2. Without values the text of the language comes back as it is (`&'static str`).
//! 3. With values: where nothing is translated, `format!` says it in English; otherwise the values are put into the
//!    translation by their names.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, LitStr, Token};

/// A text and its values, as in `say!("{count} of {all} wait", all = queue.len())`.
struct Saying {
    text: LitStr,
    values: Vec<Value>,
}

/// One value that is named, or stands at its place.
struct Value {
    name: Option<Ident>,
    value: Expr,
}

impl Parse for Value {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let named = input.peek(Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]);
        let name = match named {
            true => {
                let name = input.parse()?;
                input.parse::<Token![=]>()?;
                Some(name)
            }
            false => None,
        };
        Ok(Self { name, value: input.parse()? })
    }
}

impl Parse for Saying {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let text = input.parse()?;
        if input.parse::<Option<Token![,]>>()?.is_none() {
            return Ok(Self { text, values: Vec::new() });
        }
        let values = Punctuated::<Value, Token![,]>::parse_terminated(input)?;
        Ok(Self { text, values: values.into_iter().collect() })
    }
}

/// A text of the catalogue in the language that is spoken.
///
/// Takes what `format!` takes, but widths and precisions from other values (`{:1$}`). Gives a `&'static str` where the
/// text has no place for a value, else a `String`.
#[proc_macro]
pub fn say(input: TokenStream) -> TokenStream {
    let saying = syn::parse_macro_input!(input as Saying);
    said(&saying).unwrap_or_else(syn::Error::into_compile_error).into()
}

fn said(saying: &Saying) -> syn::Result<Tokens> {
    let text = &saying.text;
    let places = places(&text.value()).map_err(|reason| syn::Error::new(text.span(), reason))?;
    if places.is_empty() {
        return match saying.values.is_empty() {
            true => Ok(quote!(::watchpost_texts::said(#text))),
            false => Err(syn::Error::new(text.span(), "the text has no place for the values")),
        };
    }
    let named: Vec<_> = saying.values.iter().map(Value::as_given).collect();
    let filled: Vec<_> =
        places.iter().map(|place| place.filled(&saying.values, text)).collect::<Result<_, _>>()?;
    Ok(quote! {
        match ::watchpost_texts::translation(#text) {
            ::core::option::Option::None => ::std::format!(#text #(, #named)*),
            ::core::option::Option::Some(text) => ::watchpost_texts::filled(text, &[#(#filled),*]),
        }
    })
}

impl Value {
    fn as_given(&self) -> Tokens {
        let value = &self.value;
        match &self.name {
            Some(name) => quote!(#name = #value),
            None => quote!(#value),
        }
    }
}

/// A place for a value: `{name:format}`.
struct Place {
    name: String,
    format: String,
}

impl Place {
    /// The name of the place, with its value as text.
    fn filled(&self, values: &[Value], text: &LitStr) -> syn::Result<Tokens> {
        let name = &self.name;
        let place = format!("{{{}}}", self.format);
        let value = match name.parse::<usize>() {
            Ok(number) => values.get(number).map(|one| &one.value).map(|value| quote!(#value)),
            Err(_) => {
                Some(match values.iter().find(|one| one.name.as_ref().is_some_and(|known| known == name)) {
                    Some(Value { value, .. }) => quote!(#value),
                    None => {
                        let captured = syn::parse_str::<Ident>(name)?;
                        let captured = Ident::new(&captured.to_string(), text.span());
                        quote!(#captured)
                    }
                })
            }
        };
        let value = value.ok_or_else(|| syn::Error::new(text.span(), format!("{{{name}}} has no value")))?;
        Ok(quote!((#name, &::core::format_args!(#place, #value) as &dyn ::core::fmt::Display)))
    }
}

/// The places of a text in their order; those without a name are numbered.
fn places(text: &str) -> Result<Vec<Place>, String> {
    let mut found: Vec<Place> = Vec::new();
    let (mut rest, mut number) = (text, 0);
    while let Some(at) = rest.find(['{', '}']) {
        let doubled = rest[at + 1..].starts_with(&rest[at..=at]);
        if doubled {
            rest = &rest[at + 2..];
            continue;
        }
        let inside = &rest[at + 1..];
        let end = inside.find('}').ok_or("a brace is not closed: write {{ for a brace")?;
        let (name, format) = inside[..end].split_at(inside[..end].find(':').unwrap_or(end));
        let name = match name {
            "" => (number.to_string(), number += 1).0,
            name => name.to_owned(),
        };
        if !found.iter().any(|place| place.name == name) {
            found.push(Place { name, format: format.to_owned() });
        }
        rest = &inside[end + 1..];
    }
    Ok(found)
}
