// --- py_div
template <class A, class B>
auto py_div(A a, B b) {
    auto quotient = a / b;
    return a % b != 0 && (a % b < 0) != (b < 0) ? quotient - 1 : quotient;
}

// --- py_mod
template <class A, class B>
auto py_mod(A a, B b) {
    auto rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

// --- py_fmod
inline double py_fmod(double a, double b) {
    double rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

// --- py_pow
template <class A>
auto py_pow(A base, long long power) {
    long long found = 1;
    for (long long i = 0; i < power; i++) {
        found *= base;
    }
    return (A) found;
}

// --- py_slice
constexpr long long py_end = std::numeric_limits<long long>::max();

template <class T>
T py_slice(const T& items, long long from, long long to = py_end) {
    long long length = items.size();
    long long start = std::min(from < 0 ? std::max(0LL, from + length) : from, length);
    long long end = std::min(to < 0 ? std::max(0LL, to + length) : to, length);
    return T(items.begin() + start, items.begin() + std::max(start, end));
}

// --- py_step
template <class T>
T py_step(const T& items, long long from, long long by) {
    T found;
    for (long long i = from; i < (long long) items.size(); i += by) {
        found.push_back(items[i]);
    }
    return found;
}

// --- py_reversed
template <class T>
T py_reversed(const T& items) {
    return T(items.rbegin(), items.rend());
}

// --- py_extend
template <typename T>
void py_extend(T& items, const T& others) {
    T added = others;
    items.insert(items.end(), added.begin(), added.end());
}

// --- py_repeat
template <class T>
T py_repeat(const T& items, long long times) {
    T found;
    for (long long i = 0; i < times; i++) {
        found.insert(found.end(), items.begin(), items.end());
    }
    return found;
}

// --- py_joined
template <class T>
T py_joined(T first, const T& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

// --- py_pop
template <class T>
auto py_pop(T& items) {
    auto last = items.back();
    items.pop_back();
    return last;
}

// --- py_keys
template <class K, class V>
std::vector<K> py_keys(const std::map<K, V>& entries) {
    std::vector<K> found;
    for (const auto& entry : entries) {
        found.push_back(entry.first);
    }
    return found;
}

// --- py_upper
inline std::string py_upper(std::string text) {
    for (char& c : text) {
        c = (char) std::toupper((unsigned char) c);
    }
    return text;
}

// --- py_lower
inline std::string py_lower(std::string text) {
    for (char& c : text) {
        c = (char) std::tolower((unsigned char) c);
    }
    return text;
}

// --- py_strip
inline std::string py_strip(const std::string& text) {
    auto blank = " \t\n\r\f\v";
    auto start = text.find_first_not_of(blank);
    return start == std::string::npos ? "" : text.substr(start, text.find_last_not_of(blank) - start + 1);
}

// --- py_ends_with
inline bool py_ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// --- py_words
inline std::vector<std::string> py_words(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(word);
    }
    return words;
}

// --- py_split
inline std::vector<std::string> py_split(const std::string& text, const std::string& mark) {
    std::vector<std::string> parts;
    std::size_t from = 0;
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, from)) {
        parts.push_back(text.substr(from, at - from));
        from = at + mark.size();
    }
    parts.push_back(text.substr(from));
    return parts;
}

// --- py_join
template <class T>
std::string py_join(const T& parts, const std::string& between) {
    std::string found;
    bool first = true;
    for (const auto& part : parts) {
        if (!first) {
            found += between;
        }
        found += part;
        first = false;
    }
    return found;
}

// --- py_count
inline int py_count(const std::string& text, const std::string& part) {
    int found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) {
        found++;
    }
    return found;
}

// --- py_replace
inline std::string py_replace(std::string text, const std::string& part, const std::string& other) {
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + other.size())) {
        text.replace(at, part.size(), other);
    }
    return text;
}

// --- py_pad_left
inline std::string py_pad_left(const std::string& text, std::size_t width) {
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

// --- py_pad_right
inline std::string py_pad_right(const std::string& text, std::size_t width) {
    return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

// --- py_isdigit
inline bool py_isdigit(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
}

// --- py_isalpha
inline bool py_isalpha(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c); });
}

// --- py_isalnum
inline bool py_isalnum(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c); });
}

// --- py_isspace
inline bool py_isspace(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c); });
}

// --- py_isupper
inline bool py_isupper(const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isupper(c); }) &&
           std::none_of(text.begin(), text.end(), [](unsigned char c) { return std::islower(c); });
}

// --- py_islower
inline bool py_islower(const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::islower(c); }) &&
           std::none_of(text.begin(), text.end(), [](unsigned char c) { return std::isupper(c); });
}

// --- py_fixed
inline std::string py_fixed(double value, int digits) {
    char text[400];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

// --- py_quoted
inline std::string py_quoted(const std::string& text) {
    char mark = text.find('\'') != std::string::npos && text.find('"') == std::string::npos ? '"' : '\'';
    std::string found(1, mark);
    for (char c : text) {
        if (c == '\n' || c == '\t') {
            found += c == '\n' ? "\\n" : "\\t";
        } else {
            found += c == mark || c == '\\' ? std::string("\\") + c : std::string(1, c);
        }
    }
    return found + mark;
}

// --- py_show
inline std::string py_show(bool value) { return value ? "True" : "False"; }
inline std::string py_show(int value) { return std::to_string(value); }
inline std::string py_show(long long value) { return std::to_string(value); }
inline std::string py_show(char value) { return py_quoted(std::string(1, value)); }
inline std::string py_show(const std::string& value) { return py_quoted(value); }

inline std::string py_show(double value) {
    char text[400];
    for (int digits = 1; digits <= 17; digits++) {
        std::snprintf(text, sizeof text, "%.*e", digits - 1, value);
        if (std::stod(text) == value || value != value) {
            break;
        }
    }
    double size = std::abs(value);
    if (size == 0 || (size >= 1e-4 && size < 1e16)) {
        int digits = (int) std::string(text).find('e') - (value < 0 ? 1 : 0);
        int power = std::stoi(std::string(text).substr(std::string(text).find('e') + 1));
        std::snprintf(text, sizeof text, "%.*f", std::max(1, digits - (digits > 1 ? 2 : 1) - power), value);
        return text;
    }
    if (value != value || size > std::numeric_limits<double>::max()) {
        return value != value ? "nan" : value > 0 ? "inf" : "-inf";
    }
    return text;
}

template <class T> std::string py_show(const std::vector<T>& items);
template <class T> std::string py_show(const std::set<T>& items);

template <class T>
std::string py_show(const std::vector<T>& items) {
    std::string found;
    for (const auto& item : items) {
        found += (found.empty() ? "" : ", ") + py_show((T) item);
    }
    return "[" + found + "]";
}

template <class T>
std::string py_show(const std::set<T>& items) {
    std::string found;
    for (const auto& item : items) {
        found += (found.empty() ? "" : ", ") + py_show(item);
    }
    return items.empty() ? "set()" : "{" + found + "}";
}
