//! Tables as rule files.

use std::collections::BTreeSet;
use std::fmt::Write;

/// Random numbers that are the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len() as u64) as usize]
    }

    fn service(&mut self) -> String {
        match self.below(8) {
            0 => format!("-f {}", self.pick(&["1", "7", "4000000000"])),
            1 => format!("-f {} -6", self.pick(&["1", "7"])),
            2 => "-t [2001:db8::1]:80".to_owned(),
            3 => format!("--sctp-service 10.0.0.1:{}", self.pick(&["80", "443"])),
            4 => format!("-u 10.0.0.{}:53", 1 + self.below(3)),
            _ => format!("-t {}:{}", self.pick(&["10.0.0.1", "10.0.0.2", "192.168.0.1"]), self.pick(&["80", "443"])),
        }
    }

    fn settings(&mut self, service: &str) -> String {
        let mut settings = match self.below(6) {
            0 => String::new(),
            1 => " -s sh -b sh-port".to_owned(),
            2 => " -s mh -b mh-fallback,mh-port".to_owned(),
            _ => format!(" -s {}", self.pick(&["rr", "wrr", "lc"])),
        };
        if self.below(4) == 0 {
            settings += self.pick(&[" -p", " -p 100", " -p 2000000"]);
            if service.starts_with("-u") {
                settings += self.pick(&["", " --pe sip"]);
            }
            let six = service.contains('[') || service.contains("-6");
            settings += self.pick(if six { &["", " -M 64"] } else { &["", " -M 255.255.255.0"] });
        }
        if service.starts_with("-u") {
            settings += self.pick(&["", "", " -o"]);
        }
        settings
    }

    fn server(&mut self, service: &str) -> String {
        let six = service.contains('[') || service.contains("-6");
        let number = 1 + self.below(5);
        let other = self.below(10) == 0;
        let address = if six != other { format!("[2001:db8::{number}]:80") } else { format!("172.16.0.{number}:80") };
        format!(" -r {address}{}", if other { " -i" } else { "" })
    }

    fn server_settings(&mut self, server: &str) -> String {
        let mut settings = match self.below(6) {
            _ if server.ends_with("-i") => String::new(),
            0 => " -m".to_owned(),
            1 => " -i --tun-type gue --tun-port 6080 --tun-csum".to_owned(),
            2 => " -i --tun-type gre".to_owned(),
            3 => " -i".to_owned(),
            _ => " -g".to_owned(),
        };
        if self.below(2) == 0 {
            settings += self.pick(&[" -w 0", " -w 5", " -w 2147483647"]);
        }
        settings += self.pick(&["", "", "", " -x 10", " -x 10 -y 5"]);
        settings
    }

    /// A file as an administrator has it: services with their servers, each once.
    pub fn table(&mut self) -> String {
        let mut file = String::new();
        let mut there = BTreeSet::new();
        for _ in 0..self.below(10) {
            let service = self.service();
            if !there.insert(service.clone()) {
                continue;
            }
            let _ = writeln!(file, "-A {service}{}", self.settings(&service));
            for _ in 0..self.below(5) {
                let server = self.server(&service);
                if there.insert(format!("{service}{}", server.trim_end_matches(" -i"))) {
                    let _ = writeln!(file, "-a {service}{server}{}", self.server_settings(&server));
                }
            }
        }
        file
    }

    /// A table followed by lines that change it or fail, and what else a file may hold.
    pub fn file(&mut self) -> String {
        let mut file = self.table();
        if self.below(2) == 0 {
            return file;
        }
        for _ in 0..self.below(8) {
            let service = self.service();
            let server = self.server(&service);
            let _ = match self.below(20) {
                0 => writeln!(file, "-C"),
                1 | 2 => writeln!(file, "-D {service}"),
                3..=5 => writeln!(file, "-E {service}{}", self.settings(&service)),
                6..=8 => writeln!(file, "-d {service}{}", server.trim_end_matches(" -i")),
                9..=11 => writeln!(file, "-e {service}{server}{}", self.server_settings(&server)),
                12 => writeln!(file, "--set {} 0 {}", 100 + self.below(3), self.below(2) * 50),
                13 => writeln!(file, "-Z"),
                14 => writeln!(file, "#-a comment"),
                15 | 16 => writeln!(file, "-A {service}"),
                17 => writeln!(file, "-a {service}{server} -x 5 -y 9"),
                _ => writeln!(file, "ipvsadm -A {service}"),
            };
        }
        // Refused by the kernel alone: no scheduler of that name, no unicast address. What a later line takes back is
        // never put to the kernel, so these are the last.
        for number in 0..self.below(3) {
            let service = self.service();
            let _ = writeln!(file, "-a {service} -r 224.0.0.{}:80 -i", 1 + number);
            let _ = writeln!(file, "-A -t 10.9.9.{number}:80 -s bogus\n-a -t 10.9.9.{number}:80 -r 172.16.0.1");
        }
        file
    }
}

/// Many services, each with as many servers.
pub fn large(services: usize, servers: usize) -> String {
    let mut file = String::new();
    for number in 0..services {
        let service = format!("-t 10.{}.{}.{}:80", number >> 16, number >> 8 & 255, number & 255);
        let _ = writeln!(file, "-A {service} -s rr");
        for server in 1..=servers {
            let _ = writeln!(file, "-a {service} -r 172.16.{}.{server}:80 -m -w 1", number % 250);
        }
    }
    file
}
