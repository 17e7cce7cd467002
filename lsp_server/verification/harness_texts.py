"""Code that is appended to a candidate to call it and write what it gives back as JSON, one text a language.

`MARK` stands for what begins a line of results. A set is `{"$set": [...]}`, an exception `{"$error": "..."}`.
"""

PYTHON = """
import json as _json


def _plain(value):
    if isinstance(value, dict):
        return {key if isinstance(key, str) else _json.dumps(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return {"$set": [_plain(item) for item in value]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "__iter__"):
        return [_plain(item) for item in value]
    return {"$error": f"a {type(value).__name__} is no plain value"}


def _show(number, call):
    try:
        text = _json.dumps(_plain(call()))
    except BaseException as error:
        text = _json.dumps({"$error": f"{type(error).__name__}: {error}"})
    print(f"\\nMARK {number} {text}", flush=True)

"""

JAVASCRIPT = """
const dragomanPlain = (key, value) => {
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return { $set: [...value] }
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return { $error: String(value) }
  return value
}
const dragomanShow = (number, call) => {
  let text
  try {
    const value = call()
    text = value === undefined ? 'null' : JSON.stringify(value, dragomanPlain)
  } catch (error) { text = JSON.stringify({ $error: String(error) }) }
  console.log('\\nMARK ' + number + ' ' + text)
}
"""

TYPESCRIPT = (
    JAVASCRIPT.replace("(key, value)", "(key: any, value: any)")
    .replace("(number, call)", "(number: number, call: () => any)")
    .replace("let text\n", "let text: string\n")
    .replace("Object.fromEntries(value)", "(Object as any).fromEntries(value)")
)

JAVA = """
class Main {
    interface Call { Object run() throws Throwable; }

    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\\\') out.append('\\\\').append(c);
            else if (c < 32 || c > 126) out.append(String.format("\\\\u%04x", (int) c));
            else out.append(c);
        }
        return out.append('"').toString();
    }

    static String json(Object value) {
        if (value == null || value instanceof Boolean || value instanceof Number) return String.valueOf(value);
        if (value instanceof java.util.Optional) return json(((java.util.Optional<?>) value).orElse(null));
        StringBuilder out = new StringBuilder();
        if (value instanceof java.util.Map) {
            for (java.util.Map.Entry<?, ?> entry : ((java.util.Map<?, ?>) value).entrySet()) {
                String key = entry.getKey() instanceof Number || entry.getKey() instanceof Boolean
                    ? quoted(json(entry.getKey())) : quoted(String.valueOf(entry.getKey()));
                out.append(out.length() == 0 ? "" : ",").append(key).append(":").append(json(entry.getValue()));
            }
            return "{" + out + "}";
        }
        if (value instanceof Iterable || value.getClass().isArray()) {
            java.util.List<Object> items = new java.util.ArrayList<>();
            if (value instanceof Iterable) for (Object item : (Iterable<?>) value) items.add(item);
            else for (int i = 0; i < java.lang.reflect.Array.getLength(value); i++)
                items.add(java.lang.reflect.Array.get(value, i));
            for (Object item : items) out.append(out.length() == 0 ? "" : ",").append(json(item));
            return value instanceof java.util.Set ? "{\\"$set\\":[" + out + "]}" : "[" + out + "]";
        }
        if (value instanceof CharSequence || value instanceof Character || value instanceof Enum)
            return quoted(String.valueOf(value));
        return "{\\"$error\\":\\"no plain value\\"}";
    }

    static void show(int number, Call call) {
        String text;
        try { text = json(call.run()); }
        catch (Throwable error) { text = "{\\"$error\\":" + quoted(String.valueOf(error)) + "}"; }
        System.out.println("\\nMARK " + number + " " + text);
    }
"""

CPP = """
#include <cstdio>
#include <cmath>
#include <exception>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>
namespace dragoman {
inline std::string quoted(const std::string &text) {
    std::string out = "\\"";
    char code[8];
    for (unsigned char c : text) {
        if (c == '"' || c == '\\\\') { out += '\\\\'; out += (char) c; }
        else if (c < 32) { std::snprintf(code, sizeof code, "\\\\u%04x", c); out += code; }
        else out += (char) c;
    }
    return out + "\\"";
}
inline std::string json(const std::string &value) { return quoted(value); }
inline std::string json(const char *value) { return quoted(value); }
inline std::string json(char value) { return quoted(std::string(1, value)); }
inline std::string json(bool value) { return value ? "true" : "false"; }
template <class T> std::enable_if_t<std::is_arithmetic_v<T>, std::string> json(T value) {
    std::ostringstream out;
    out.precision(17);
    if constexpr (std::is_floating_point_v<T>) {
        if (!std::isfinite(value)) return "{\\"$error\\": \\"not a number\\"}";
        if constexpr (sizeof(T) == 4) out.precision(8);
    }
    out << value;
    return out.str();
}
template <class A, class B> std::string json(const std::pair<A, B> &value);
template <class... A> std::string json(const std::tuple<A...> &value);
template <class A> std::string json(const std::optional<A> &value);
template <class T> auto json(const T &value) -> decltype(value.begin(), std::string());
template <class T> std::string key(const T &value) {
    if constexpr (std::is_same_v<T, std::string>) return quoted(value);
    else if constexpr (std::is_same_v<T, char>) return json(value);
    else return quoted(json(value));
}
template <class T, class = void> struct is_map : std::false_type {};
template <class T> struct is_map<T, std::void_t<typename T::mapped_type>> : std::true_type {};
template <class T, class = void> struct is_set : std::false_type {};
template <class T> struct is_set<T, std::void_t<typename T::key_type>> : std::true_type {};
template <class A, class B> std::string json(const std::pair<A, B> &value) {
    return "[" + json(value.first) + "," + json(value.second) + "]";
}
template <class... A> std::string json(const std::tuple<A...> &value) {
    std::string out;
    std::apply([&](const A &...item) { ((out += (out.empty() ? "" : ",") + json(item)), ...); }, value);
    return "[" + out + "]";
}
template <class A> std::string json(const std::optional<A> &value) { return value ? json(*value) : "null"; }
template <class T> auto json(const T &value) -> decltype(value.begin(), std::string()) {
    std::string out;
    for (const auto &item : value) {
        if (!out.empty()) out += ",";
        if constexpr (is_map<T>::value) out += key(item.first) + ":" + json(item.second);
        else if constexpr (std::is_same_v<T, std::vector<bool>>) out += json((bool) item);
        else out += json(item);
    }
    if constexpr (is_map<T>::value) return "{" + out + "}";
    else if constexpr (is_set<T>::value) return "{\\"$set\\":[" + out + "]}";
    else return "[" + out + "]";
}
extern "C" { int fork(void); int waitpid(int, int *, int); unsigned alarm(unsigned); void _exit(int); }
template <class F> void show(int number, F call) {
    int child = fork(), status = 0;
    if (child > 0) {
        waitpid(child, &status, 0);
        int signal = status & 127;
        if (!signal) return;
        std::printf("\\nMARK %d {\\"$error\\": \\"it crashed (signal %d)\\"}\\n", number, signal);
        std::fflush(stdout);
        return;
    }
    std::string text;
    if (child == 0) alarm(5);
    try { text = call(); }
    catch (const std::exception &error) { text = "{\\"$error\\":" + quoted(error.what()) + "}"; }
    catch (...) { text = "{\\"$error\\":\\"an exception\\"}"; }
    std::printf("\\nMARK %d %s\\n", number, text.c_str());
    std::fflush(stdout);
    if (child == 0) _exit(0);
}
}
"""

GO = """package main

import (
	"encoding/json"
	"fmt"
)

func dragomanShow(number int, call func() interface{}) {
	defer func() {
		if fault := recover(); fault != nil {
			text, _ := json.Marshal(map[string]string{"$error": fmt.Sprint(fault)})
			fmt.Printf("\\nMARK %d %s\\n", number, text)
		}
	}()
	text, err := json.Marshal(call())
	if err != nil {
		panic(err)
	}
	fmt.Printf("\\nMARK %d %s\\n", number, text)
}

"""

RUST = """
mod dragoman {
    use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
    pub trait Json { fn json(&self) -> String; fn key(&self) -> String { quoted(&self.json()) } }
    pub fn quoted(text: &str) -> String {
        let mut out = String::from("\\"");
        for c in text.chars() {
            match c {
                '"' | '\\\\' => { out.push('\\\\'); out.push(c) }
                c if (c as u32) < 32 => out.push_str(&format!("\\\\u{:04x}", c as u32)),
                c => out.push(c),
            }
        }
        out + "\\""
    }
    macro_rules! plain { ($($t:ty)*) => { $(impl Json for $t { fn json(&self) -> String { self.to_string() } })* } }
    plain!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize bool);
    macro_rules! float { ($($t:ty)*) => { $(impl Json for $t { fn json(&self) -> String {
        if self.is_finite() { format!("{:?}", self) } else { "{\\"$error\\":\\"not a number\\"}".to_string() } } })* } }
    float!(f32 f64);
    impl Json for str { fn json(&self) -> String { quoted(self) } fn key(&self) -> String { quoted(self) } }
    impl Json for String { fn json(&self) -> String { quoted(self) } fn key(&self) -> String { quoted(self) } }
    impl Json for char {
        fn json(&self) -> String { quoted(&self.to_string()) }
        fn key(&self) -> String { self.json() }
    }
    impl Json for () { fn json(&self) -> String { "null".to_string() } }
    impl<T: Json + ?Sized> Json for &T {
        fn json(&self) -> String { (**self).json() }
        fn key(&self) -> String { (**self).key() }
    }
    impl<T: Json + ?Sized> Json for Box<T> { fn json(&self) -> String { (**self).json() } }
    impl<T: Json> Json for Option<T> {
        fn json(&self) -> String { self.as_ref().map_or("null".to_string(), |v| v.json()) }
    }
    impl<T: Json, E: std::fmt::Debug> Json for Result<T, E> {
        fn json(&self) -> String {
            match self { Ok(v) => v.json(), Err(e) => format!("{{\\"$error\\":{}}}", quoted(&format!("{:?}", e))) }
        }
    }
    fn list<'a, T: Json + 'a>(items: impl Iterator<Item = &'a T>) -> String {
        format!("[{}]", items.map(|v| v.json()).collect::<Vec<_>>().join(","))
    }
    impl<T: Json> Json for [T] { fn json(&self) -> String { list(self.iter()) } }
    impl<T: Json> Json for Vec<T> { fn json(&self) -> String { list(self.iter()) } }
    impl<T: Json> Json for VecDeque<T> { fn json(&self) -> String { list(self.iter()) } }
    impl<T: Json, const N: usize> Json for [T; N] { fn json(&self) -> String { list(self.iter()) } }
    impl<T: Json> Json for HashSet<T> { fn json(&self) -> String { format!("{{\\"$set\\":{}}}", list(self.iter())) } }
    impl<T: Json> Json for BTreeSet<T> { fn json(&self) -> String { format!("{{\\"$set\\":{}}}", list(self.iter())) } }
    macro_rules! map { ($($t:ident)*) => { $(impl<K: Json, V: Json> Json for $t<K, V> { fn json(&self) -> String {
        let items: Vec<String> = self.iter().map(|(k, v)| format!("{}:{}", k.key(), v.json())).collect();
        format!("{{{}}}", items.join(",")) } })* } }
    map!(HashMap BTreeMap);
    macro_rules! tuple { ($($n:ident $i:tt),*) => { impl<$($n: Json),*> Json for ($($n,)*) { fn json(&self) -> String {
        format!("[{}]", vec![$(self.$i.json()),*].join(",")) } } } }
    tuple!(A 0);
    tuple!(A 0, B 1);
    tuple!(A 0, B 1, C 2);
    tuple!(A 0, B 1, C 2, D 3);
    pub fn json<T: Json + ?Sized>(value: &T) -> String { value.json() }
    pub fn show(number: usize, call: impl FnOnce() -> String) {
        let text = match std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)) {
            Ok(text) => text,
            Err(fault) => {
                let said = fault.downcast_ref::<String>().cloned();
                let said = said.or(fault.downcast_ref::<&str>().map(|s| s.to_string())).unwrap_or_default();
                format!("{{\\"$error\\":{}}}", quoted(&said))
            }
        };
        println!("\\nMARK {} {}", number, text);
    }
}
"""

CSHARP = """
static class DragomanTests {
    static string Quoted(string text) {
        var result = new System.Text.StringBuilder("\\"");
        foreach (char c in text) {
            if (c == '"' || c == '\\\\') result.Append('\\\\').Append(c);
            else if (c < 32 || c > 126) result.AppendFormat("\\\\u{0:x4}", (int) c);
            else result.Append(c);
        }
        return result.Append('"').ToString();
    }
    static string Json(object value) {
        if (value == null) return "null";
        if (value is bool) return (bool) value ? "true" : "false";
        if (value is string) return Quoted((string) value);
        if (value is char) return Quoted(value.ToString());
        var invariant = System.Globalization.CultureInfo.InvariantCulture;
        if (value is double) return ((double) value).ToString("R", invariant);
        if (value is System.IFormattable && value.GetType().IsValueType && !value.GetType().IsEnum)
            return ((System.IFormattable) value).ToString(null, invariant);
        var items = new System.Collections.Generic.List<string>();
        var map = value as System.Collections.IDictionary;
        if (map != null) {
            foreach (System.Collections.DictionaryEntry entry in map)
                items.Add((entry.Key is string || entry.Key is char ? Quoted(entry.Key.ToString())
                    : Quoted(Json(entry.Key))) + ":" + Json(entry.Value));
            return "{" + string.Join(",", items) + "}";
        }
        var list = value as System.Collections.IEnumerable;
        if (list != null) {
            foreach (object item in list) items.Add(Json(item));
            string all = "[" + string.Join(",", items) + "]";
            return value.GetType().Name.Contains("Set`") ? "{\\"$set\\":" + all + "}" : all;
        }
        if (value.GetType().Name.Contains("Tuple`")) {
            foreach (var field in value.GetType().GetFields()) items.Add(Json(field.GetValue(value)));
            foreach (var property in value.GetType().GetProperties()) items.Add(Json(property.GetValue(value, null)));
            return "[" + string.Join(",", items) + "]";
        }
        return Quoted(value.ToString());
    }
    static void Show(int number, System.Func<object> call) {
        string text;
        try { text = Json(call()); }
        catch (System.Exception error) { text = "{\\"$error\\":" + Quoted(error.Message) + "}"; }
        System.Console.WriteLine("\\nMARK " + number + " " + text);
    }
"""

PHP = """
function dragoman_show($number, $call) {
    try { $text = json_encode($call(), JSON_PRESERVE_ZERO_FRACTION); }
    catch (\\Throwable $error) { $text = json_encode(['$error' => $error->getMessage()]); }
    echo "\\nMARK $number $text\\n";
}
"""

RUBY = """
require 'json'
require 'set'
def dragoman_show(number)
  text = begin
    value = yield
    value = { '$set' => value.to_a } if value.is_a?(Set)
    JSON.generate(value)
  rescue StandardError => error
    JSON.generate({ '$error' => error.message })
  end
  puts "\\nMARK #{number} #{text}"
  $stdout.flush
end
"""

C = """
#include <stdio.h>
#include <stdbool.h>
"""
