//! What a keepalived.conf(5) says of the table, as far as it can be read without keepalived.

use crate::ipvs::model::{Family, Protocol, ServerKey, ServiceKey};
use std::net::IpAddr;

/// What keepalived sets up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    /// The services.
    pub services: Vec<Configured>,
    /// Whether keepalived changes weights by itself.
    pub sets_weights: bool,
}

/// A service.
#[derive(Clone, Debug, PartialEq)]
pub struct Configured {
    /// What identifies it.
    pub key: ServiceKey,
    /// Its servers, with their weights.
    pub servers: Vec<(ServerKey, i64)>,
    /// The server that is there while no other is.
    pub sorry_server: Option<ServerKey>,
}

/// What a word of a configuration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    Open,
    Close,
    End,
}

/// Reads a configuration; why not, where it says things in ways that only keepalived knows.
pub fn parse(text: &str) -> Result<Configuration, String> {
    let mut parser = Parser { tokens: tokens(text), at: 0, found: Configuration::default() };
    if let Some(word) = ["include", "virtual_server_group", "@"].iter().find(|word| parser.begins_a_line(word)) {
        return Err(format!("it has lines that begin with {word}"));
    }
    if text.contains('$') {
        return Err("it has variables".to_owned());
    }
    let changing = ["inhibit_on_failure", "misc_dynamic", "weight_reload", "BFD_CHECK", "FILE_CHECK", "track_file"];
    parser.found.sets_weights = changing.iter().any(|word| parser.tokens.contains(&Token::Word(word)));
    while parser.at < parser.tokens.len() {
        let line = parser.line();
        match line[..] {
            ["virtual_server", ref words @ ..] => parser.service(words)?,
            _ => parser.skip_block(),
        }
    }
    Ok(parser.found)
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for line in text.lines() {
        let line = line.split(['#', '!']).next().unwrap_or_default();
        for word in line.split_ascii_whitespace() {
            match word {
                "{" => tokens.push(Token::Open),
                "}" => tokens.push(Token::Close),
                word => match word.strip_suffix('{') {
                    Some(word) => tokens.extend([Token::Word(word), Token::Open]),
                    None => tokens.push(Token::Word(word)),
                },
            }
        }
        tokens.push(Token::End);
    }
    tokens
}

struct Parser<'t> {
    tokens: Vec<Token<'t>>,
    at: usize,
    found: Configuration,
}

impl<'t> Parser<'t> {
    fn begins_a_line(&self, begin: &str) -> bool {
        let ends = [Token::End].into_iter().chain(self.tokens.iter().copied());
        ends.zip(&self.tokens).any(|(before, token)| {
            before != Token::Open
                && !matches!(before, Token::Word(_))
                && matches!(token, Token::Word(word) if word.starts_with(begin))
        })
    }

    fn next(&mut self) -> Token<'t> {
        let token = self.tokens.get(self.at).copied().unwrap_or(Token::Close);
        self.at += 1;
        token
    }

    /// The words up to a brace or the end of a line; that is left for the next one.
    fn line(&mut self) -> Vec<&'t str> {
        let mut words = Vec::new();
        while let Token::Word(word) = self.tokens.get(self.at).copied().unwrap_or(Token::Close) {
            words.push(word);
            self.at += 1;
        }
        words
    }

    /// Past the block that opens here, if one does, or past what else is here.
    fn skip_block(&mut self) {
        let mut depth = usize::from(self.next() == Token::Open);
        while depth > 0 && self.at < self.tokens.len() {
            match self.next() {
                Token::Open => depth += 1,
                Token::Close => depth -= 1,
                _ => {}
            }
        }
    }

    /// Into the block that opens here, on this line or the next.
    fn opens(&mut self) -> bool {
        while self.tokens.get(self.at) == Some(&Token::End) {
            self.at += 1;
        }
        self.next() == Token::Open
    }

    /// Whether the block goes on with a line.
    fn inside(&mut self) -> bool {
        while self.tokens.get(self.at) == Some(&Token::End) {
            self.at += 1;
        }
        let ended = matches!(self.tokens.get(self.at), None | Some(Token::Close));
        self.at += usize::from(ended);
        !ended
    }

    fn service(&mut self, words: &[&str]) -> Result<(), String> {
        let unknown = || format!("it has a virtual_server {}", words.join(" "));
        if !self.opens() {
            return Err(unknown());
        }
        let mut protocol = Protocol::Tcp;
        let (mut servers, mut sorry_server, mut family) = (Vec::new(), None, Family::Inet);
        while self.inside() {
            match self.line()[..] {
                ["protocol", word] => protocol = word.parse().map_err(|_| unknown())?,
                ["ip_family", "inet6"] => family = Family::Inet6,
                ["real_server", ref words @ ..] => {
                    let (address, port) = endpoint(words).ok_or_else(unknown)?;
                    servers.push((ServerKey::new(address, port), self.weight()));
                }
                ["sorry_server", ref words @ ..] => {
                    sorry_server = endpoint(words).map(|(address, port)| ServerKey::new(address, port));
                    self.skip_block();
                }
                _ => self.skip_block(),
            }
        }
        let key = match words {
            ["fwmark", mark, ..] => ServiceKey::mark(mark.parse().map_err(|_| unknown())?, family),
            words => {
                let (address, port) = endpoint(words).ok_or_else(unknown)?;
                ServiceKey::Address { protocol, address, port }
            }
        };
        self.found.services.push(Configured { key, servers, sorry_server });
        Ok(())
    }

    /// The weight of the server whose block opens here.
    fn weight(&mut self) -> i64 {
        let mut weight = 1;
        if self.opens() {
            while self.inside() {
                match self.line()[..] {
                    ["weight", number] => weight = number.parse().unwrap_or(weight),
                    _ => self.skip_block(),
                }
            }
        }
        weight
    }
}

fn endpoint(words: &[&str]) -> Option<(IpAddr, u16)> {
    let address = words.first()?.parse().ok()?;
    Some((address, words.get(1).map_or(Some(0), |port| port.parse().ok())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration() {
        let text = "
! a comment
global_defs { router_id x }
vrrp_instance pair {
    virtual_ipaddress { 192.0.2.1/32 }
}
virtual_server 192.0.2.1 80 {
    lb_algo rr # as it comes
    protocol TCP
    real_server 10.0.1.2 8080 {
        weight 3
        TCP_CHECK { connect_timeout 3 }
    }
    real_server 10.0.1.3 8080 { weight 1 }
    sorry_server 10.0.1.9 80
}
virtual_server 2001:db8::1 53
{
    protocol UDP
    real_server fd00::2 5353 {
        HTTP_GET {
            url {
                path /
            }
        }
    }
}
virtual_server fwmark 7 {
    ip_family inet6
    real_server fd00::2 0{
    }
}
";
        let found = parse(text).unwrap();
        let server = |text: &str, weight| (text.parse::<ServerKey>().unwrap(), weight);
        let expected = [
            Configured {
                key: ServiceKey::tcp([192, 0, 2, 1], 80),
                servers: vec![server("10.0.1.2:8080", 3), server("10.0.1.3:8080", 1)],
                sorry_server: Some("10.0.1.9:80".parse().unwrap()),
            },
            Configured {
                key: "UDP [2001:db8::1]:53".parse().unwrap(),
                servers: vec![server("[fd00::2]:5353", 1)],
                sorry_server: None,
            },
            Configured {
                key: ServiceKey::mark(7, Family::Inet6),
                servers: vec![server("[fd00::2]:0", 1)],
                sorry_server: None,
            },
        ];
        assert_eq!(found.services, expected);
        assert!(!found.sets_weights);
        assert!(parse(&text.replace("lb_algo rr", "inhibit_on_failure")).unwrap().sets_weights);
    }

    #[test]
    fn what_only_keepalived_can_read() {
        for text in [
            "include other.conf\n",
            "virtual_server_group x {\n}\n",
            "virtual_server group x {\n}\n",
            "virtual_server $ADDRESS 80 {\n}\n",
            "virtual_server 192.0.2.1 http {\n}\n",
            "virtual_server",
            "virtual_server 192.0.2.1 80 {\n real_server x {\n",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        for text in ["", "}", "}}}{{{", "x {", "virtual_server 192.0.2.1 80 {"] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }
}
