//! A name server that takes its time: every question for the name of an address is answered with one, after a while,
//! and any number of them are under way at once.

use std::net::UdpSocket;
use std::thread;
use std::time::Duration;

/// Answers on the loopback address until it is ended.
pub fn serve(milliseconds: u64) {
    let socket = UdpSocket::bind("127.0.0.1:53").unwrap();
    let mut buffer = [0; 512];
    loop {
        let (length, client) = socket.recv_from(&mut buffer).unwrap();
        let answer = answer(&buffer[..length]);
        let socket = socket.try_clone().unwrap();
        let later = move || {
            thread::sleep(Duration::from_millis(milliseconds));
            socket.send_to(&answer, client).unwrap();
        };
        thread::Builder::new().stack_size(64 << 10).spawn(later).unwrap();
    }
}

/// The question with one answer: a pointer record to `aN.example`, N being the first label of the question.
fn answer(question: &[u8]) -> Vec<u8> {
    const HEADER: usize = 12;
    const TYPE_AND_CLASS: usize = 4;
    let end = HEADER + question[HEADER..].iter().position(|byte| *byte == 0).unwrap() + 1 + TYPE_AND_CLASS;
    let mut answer = question[..end].to_vec();
    // A recursive answer without error: one question, one record, nothing else.
    answer[2..HEADER].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    let label = &question[HEADER + 1..HEADER + 1 + usize::from(question[HEADER])];
    let name = [&[label.len() as u8 + 1, b'a'], label, b"\x07example\0"].concat();
    // The name of the question, PTR, IN, a day.
    answer.extend([0xc0, HEADER as u8, 0, 12, 0, 1, 0, 1, 0x51, 0x80]);
    answer.extend((name.len() as u16).to_be_bytes());
    answer.extend(name);
    answer
}
