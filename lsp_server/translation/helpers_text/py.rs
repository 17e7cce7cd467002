// --- py_div
fn py_div(a: i64, b: i64) -> i64 {
    let quotient = a / b;
    if a % b != 0 && (a % b < 0) != (b < 0) { quotient - 1 } else { quotient }
}

// --- py_mod
fn py_mod(a: i64, b: i64) -> i64 {
    let rest = a % b;
    if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
}

// --- py_fmod
fn py_fmod(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
}

// --- py_gcd
fn py_gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.abs() } else { py_gcd(b, a % b) }
}

// --- py_round
fn py_round(value: f64) -> i64 {
    let below = value.floor();
    if value - below != 0.5 {
        return value.round() as i64;
    }
    if below as i64 % 2 == 0 { below as i64 } else { below as i64 + 1 }
}

// --- py_min
fn py_min<T: PartialOrd + Clone>(items: &[T]) -> T {
    let mut found = &items[0];
    for item in items {
        if item < found {
            found = item;
        }
    }
    found.clone()
}

// --- py_max
fn py_max<T: PartialOrd + Clone>(items: &[T]) -> T {
    let mut found = &items[0];
    for item in items {
        if item > found {
            found = item;
        }
    }
    found.clone()
}

// --- py_ends
fn py_ends(length: usize, from: i64, to: Option<i64>) -> (usize, usize) {
    let length = length as i64;
    let place = |at: i64| std::cmp::min(if at < 0 { std::cmp::max(0, at + length) } else { at }, length);
    let start = place(from);
    (start as usize, std::cmp::max(start, to.map_or(length, place)) as usize)
}

// --- py_slice
fn py_slice<T: Clone>(items: &[T], from: i64, to: Option<i64>) -> Vec<T> {
    let (start, end) = py_ends(items.len(), from, to);
    items[start..end].to_vec()
}

// --- py_slice_text
fn py_slice_text(text: &str, from: i64, to: Option<i64>) -> String {
    let letters: Vec<char> = text.chars().collect();
    let (start, end) = py_ends(letters.len(), from, to);
    letters[start..end].iter().collect()
}

// --- py_find
fn py_find(text: &str, part: &str) -> i64 {
    text.find(part).map_or(-1, |at| text[..at].chars().count() as i64)
}

// --- py_join
fn py_join<T: ToString>(parts: &[T], between: &str) -> String {
    parts.iter().map(|part| part.to_string()).collect::<Vec<String>>().join(between)
}

// --- py_remove
fn py_remove<T: PartialEq>(items: &mut Vec<T>, wanted: &T) {
    let at = items.iter().position(|item| item == wanted).unwrap();
    items.remove(at);
}

// --- py_show
trait PyShow {
    fn shown(&self) -> String;
}

fn py_show<T: PyShow + ?Sized>(value: &T) -> String {
    value.shown()
}

impl PyShow for i64 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl PyShow for bool {
    fn shown(&self) -> String {
        if *self { "True".to_string() } else { "False".to_string() }
    }
}

impl PyShow for f64 {
    fn shown(&self) -> String {
        if self.is_nan() || self.is_infinite() {
            return format!("{}", self).to_lowercase();
        }
        let size = self.abs();
        if size != 0.0 && (size < 1e-4 || size >= 1e16) {
            let text = format!("{:e}", self);
            let (digits, power) = text.split_once('e').unwrap();
            let power: i32 = power.parse().unwrap();
            return format!("{}e{}{:02}", digits, if power < 0 { '-' } else { '+' }, power.abs());
        }
        let text = format!("{}", self);
        if text.contains('.') { text } else { text + ".0" }
    }
}

impl PyShow for str {
    fn shown(&self) -> String {
        let mark = if self.contains('\'') && !self.contains('"') { '"' } else { '\'' };
        let mut found = mark.to_string();
        for c in self.chars() {
            match c {
                '\n' => found += "\\n",
                '\t' => found += "\\t",
                _ => {
                    if c == mark || c == '\\' {
                        found.push('\\');
                    }
                    found.push(c);
                }
            }
        }
        found.push(mark);
        found
    }
}

impl PyShow for String {
    fn shown(&self) -> String {
        self.as_str().shown()
    }
}

impl PyShow for char {
    fn shown(&self) -> String {
        self.to_string().shown()
    }
}

impl<T: PyShow> PyShow for Vec<T> {
    fn shown(&self) -> String {
        format!("[{}]", self.iter().map(|item| item.shown()).collect::<Vec<String>>().join(", "))
    }
}
