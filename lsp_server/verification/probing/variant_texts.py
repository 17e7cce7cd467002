"""Programs that run many variants of one function on many inputs, one text a language.

`MARK` begins a line of results: the variant, the input, what came out as JSON. A call that takes too long gives
`{"$late": true}`, one that raises or crashes `{"$error": "..."}`. Time is processor time where a timer measures it
(Python, C++); elsewhere turns of loops are counted: a busy machine must not make a quick call a late one. Python and
JavaScript read `data.json`; for compiled languages the rows are written into the program.
"""

PYTHON = """
import json, os, signal, sys

data = json.load(open("data.json", encoding="utf-8"))
sys.setrecursionlimit(3000)
out = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


class Late(BaseException):
    pass


def late(_signal, _frame):
    raise Late


def plain(value):
    if isinstance(value, dict):
        return {key if isinstance(key, str) else json.dumps(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return {"$set": [plain(item) for item in value]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "__iter__"):
        return [plain(item) for item in value]
    return {"$error": "no plain value"}


def timer(seconds):
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.02 if seconds else 0)


def tell(variant, number, text):
    out.write(f"\\nMARK {variant} {number} {text}\\n")


def run(variant, text):
    signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_PROF, 4 + len(data["rows"]) * data["seconds"] / 4)
    names = {"__name__": "candidate"}
    timer(2)
    exec(compile(text, "candidate", "exec"), names)
    timer(0)
    patience = data["patience"] if variant >= data["unhurried"] else len(data["rows"])
    for number, row in enumerate(data["rows"]):
        if not patience:
            break
        try:
            arguments = eval(row, names)
            function = getattr(names[data["owner"]](), data["name"]) if data["owner"] else names[data["name"]]
            timer(data["seconds"])
            value = plain(function(*arguments))
            timer(0)
            found = json.dumps(plain(arguments) if data["in_place"] else value)
        except Late:
            found = '{"$late": true}'
        except BaseException as error:
            timer(0)
            found = json.dumps({"$error": type(error).__name__})
        timer(0)
        tell(variant, number, found)
        if found.startswith('{"$late"'):
            patience -= 1
            out.flush()


for variant, text in enumerate(data["texts"]):
    child = os.fork()
    if child == 0:
        try:
            run(variant, text)
        except BaseException:
            pass
        try:
            timer(0)
            out.flush()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
"""

JAVASCRIPT = """
const fs = require('fs')
const vm = require('vm')
const data = JSON.parse(fs.readFileSync('data.json', 'utf8'))
const PLAIN = `(key, value) => {
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return { $set: [...value] }
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return { $error: String(value) }
  return value
}`
const target = data.owner ? `new ${data.owner}().${data.name}` : data.name
const late = { late: true }
const start = `dragomanLeft = ${Math.round(40e6 * data.seconds)};`
const scripts = data.rows.map(row => new vm.Script(data.in_place
  ? `(() => { ${start} const a = ${row}; ${target}(...a); return JSON.stringify(a, ${PLAIN}) })()`
  : `(() => { ${start} const v = ${target}(...${row})
    return v === undefined ? 'null' : JSON.stringify(v, ${PLAIN}) })()`))
const quiet = new Proxy({}, { get: () => () => undefined })
data.texts.forEach((text, variant) => {
  const lines = []
  try {
    const module = { exports: {} }
    const names = { console: quiet, require, module, exports: module.exports, process: quiet, late }
    const context = vm.createContext(names)
    // a constant, because what stands in the global object of a context is found many times more slowly
    const tick = '() => { if (--dragomanLeft < 0) throw late }'
    vm.runInContext(`let dragomanLeft = 4e6; const dragomanTick = ${tick}`, context)
    vm.runInContext(text, context, { timeout: 2000 })
    let patience = variant < data.unhurried ? scripts.length : data.patience
    scripts.forEach((script, number) => {
      if (!patience) return
      let found = '{"$late": true}'
      try { found = script.runInContext(context, { timeout: 10000 * data.seconds }) }
      catch (error) {
        if (error !== late && !(error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'))
          found = JSON.stringify({ $error: String(error && error.name) })
      }
      if (found.startsWith('{"$late"')) patience--
      lines.push('\\nMARK ' + variant + ' ' + number + ' ' + found)
    })
  } catch (error) { /* this variant is no program */ }
  fs.writeSync(1, lines.join('\\n') + '\\n')
})
"""

JAVA = """
    public static void main(String[] arguments) {
        java.io.PrintStream out = System.out;
        System.setOut(new java.io.PrintStream(java.io.OutputStream.nullOutputStream()));
        for (int variant = 0; variant < VARIANTS; variant++) {
            int patience = variant < UNHURRIED ? ROWS : PATIENCE;
            for (int number = 0; number < ROWS && patience > 0; number++) {
                String text;
                try {
                    Object[] a = row(number);
                    DragomanTicks.start();
                    Object value = call(variant, a);
                    text = json(IN_PLACE ? a : value);
                }
                catch (DragomanLate error) { text = "{\\"$late\\": true}"; patience--; }
                catch (Throwable error) {
                    text = "{\\"$error\\": " + quoted(error.getClass().getSimpleName()) + "}";
                }
                out.println("\\nMARK " + variant + " " + number + " " + text);
            }
        }
        out.flush();
        Runtime.getRuntime().halt(0);
    }
}

class DragomanLate extends Error { DragomanLate() { super("late", null, false, false); } }

class DragomanTicks {
    static long left, until;
    static void start() { left = NANOSECONDSL / 25; until = System.nanoTime() + 10 * NANOSECONDSL; }
    static void tick() {
        if (--left < 0 || ((left & 255) == 0 && System.nanoTime() > until)) throw new DragomanLate();
    }
}
"""

CPP = """
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
int main() {
    int *next = (int *) mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    std::FILE *out = fdopen(dup(1), "w");
    std::freopen("/dev/null", "w", stdout);
    std::freopen("/dev/null", "w", stderr);
    for (int variant = 0; variant < VARIANTS; variant++) {
        int patience = variant < UNHURRIED ? ROWS : PATIENCE;
        for (*next = 0; *next < ROWS; ++*next) {
            std::fflush(out);
            int child = fork(), status = 0;
            if (child == 0) {
                for (; *next < ROWS; ++*next) {
                    std::string text;
                    itimerval limit = {};
                    limit.it_value.tv_sec = MICROSECONDS / 1000000;
                    limit.it_value.tv_usec = MICROSECONDS % 1000000;
                    setitimer(ITIMER_VIRTUAL, &limit, nullptr);
                    try { text = dragoman_calls[variant](dragoman_row(*next)); }
                    catch (const std::exception &error) { text = "{\\"$error\\": \\"exception\\"}"; }
                    catch (...) { text = "{\\"$error\\": \\"exception\\"}"; }
                    std::fprintf(out, "\\nMARK %d %d %s\\n", variant, *next, text.c_str());
                    std::fflush(out);
                }
                _exit(0);
            }
            waitpid(child, &status, 0);
            int signal = status & 127;
            if (!signal) break;
            if (signal == SIGVTALRM || signal == SIGKILL || signal == SIGXCPU) {
                std::fprintf(out, "\\nMARK %d %d {\\"$late\\": true}\\n", variant, *next);
                if (--patience == 0) break;
            }
            else std::fprintf(out, "\\nMARK %d %d {\\"$error\\": \\"signal %d\\"}\\n", variant, *next, signal);
        }
    }
    std::fflush(out);
    _exit(0);
}
"""

CPP_READER = """
#include <cstdlib>
namespace dragoman {
template <class T> struct is_optional : std::false_type {};
template <class T> struct is_optional<std::optional<T>> : std::true_type {};
template <class T, class = void> struct is_tuple : std::false_type {};
template <class T> struct is_tuple<T, std::void_t<decltype(std::tuple_size<T>::value)>> : std::true_type {};
template <class T> T read(const char *&at) {
    while (*at == ' ' || *at == ',' || *at == ':') at++;
    if constexpr (std::is_same_v<T, bool>) {
        bool value = *at == 't';
        at += value ? 4 : 5;
        return value;
    }
    else if constexpr (std::is_same_v<T, std::string>) {
        std::string value;
        for (at++; *at != '"'; at++) {
            if (*at != '\\\\') { value += *at; continue; }
            at++;
            if (*at == 'u') { value += (char) std::strtol(std::string(at + 1, 4).c_str(), nullptr, 16); at += 4; }
            else value += *at == 'n' ? '\\n' : *at == 't' ? '\\t' : *at == 'r' ? '\\r' : *at;
        }
        at++;
        return value;
    }
    else if constexpr (std::is_same_v<T, char>) return read<std::string>(at)[0];
    else if constexpr (std::is_arithmetic_v<T>) {
        char *end;
        T value = std::is_floating_point_v<T> ? (T) std::strtod(at, &end) : (T) std::strtoll(at, &end, 10);
        at = end;
        return value;
    }
    else if constexpr (is_optional<T>::value) {
        if (*at != 'n') return T(read<typename T::value_type>(at));
        at += 4;
        return T();
    }
    else if constexpr (is_tuple<T>::value) {
        T value;
        at++;
        std::apply([&](auto &...item) { ((item = read<std::decay_t<decltype(item)>>(at)), ...); }, value);
        at++;
        return value;
    }
    else if constexpr (is_map<T>::value) {
        T value;
        for (at++; *at != '}';) {
            while (*at == ' ' || *at == ',') at++;
            if constexpr (std::is_same_v<typename T::key_type, std::string>) {
                auto key = read<std::string>(at);
                value[key] = read<typename T::mapped_type>(at);
            }
            else {
                std::string text = read<std::string>(at);
                if constexpr (std::is_same_v<typename T::key_type, char>) text = quoted(text);
                const char *inside = text.c_str();
                auto key = read<typename T::key_type>(inside);
                value[key] = read<typename T::mapped_type>(at);
            }
        }
        at++;
        return value;
    }
    else {
        T value;
        for (at++; *at != ']';) {
            value.insert(value.end(), read<typename T::value_type>(at));
            while (*at == ' ' || *at == ',') at++;
        }
        at++;
        return value;
    }
}
}
"""
"""Arguments out of JSON: a row that is read costs no time to compile."""
