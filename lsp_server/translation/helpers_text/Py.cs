    // --- Div
    public static int Div(int a, int b) {
        return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0);
    }

    public static long Div(long a, long b) {
        return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0);
    }

    // --- Mod
    public static int Mod(int a, int b) {
        return a % b + (a % b != 0 && (a % b < 0) != (b < 0) ? b : 0);
    }

    public static long Mod(long a, long b) {
        return a % b + (a % b != 0 && (a % b < 0) != (b < 0) ? b : 0);
    }

    public static double Mod(double a, double b) {
        return a % b + (a % b != 0 && (a % b < 0) != (b < 0) ? b : 0);
    }

    // --- Gcd
    public static int Gcd(int a, int b) {
        return b == 0 ? Math.Abs(a) : Gcd(b, a % b);
    }

    // --- Ends
    public static int[] Ends(int length, int from, int? to) {
        int start = Math.Min(from < 0 ? Math.Max(0, from + length) : from, length);
        int end = to == null ? length : Math.Min(to.Value < 0 ? Math.Max(0, to.Value + length) : to.Value, length);
        return new int[] { start, Math.Max(start, end) };
    }

    // --- Slice
    public static string Slice(string text, int from, int? to) {
        int[] ends = Ends(text.Length, from, to);
        return text.Substring(ends[0], ends[1] - ends[0]);
    }

    public static List<T> Slice<T>(List<T> items, int from, int? to) {
        int[] ends = Ends(items.Count, from, to);
        return items.GetRange(ends[0], ends[1] - ends[0]);
    }

    // --- Step
    public static string Step(string text, int from, int by) {
        return new string(text.Where((c, place) => place >= from && (place - from) % by == 0).ToArray());
    }

    public static List<T> Step<T>(List<T> items, int from, int by) {
        return items.Where((item, place) => place >= from && (place - from) % by == 0).ToList();
    }

    // --- Split
    public static List<string> Split(string text, string mark) {
        return text.Split(new[] { mark }, StringSplitOptions.None).ToList();
    }

    // --- Words
    public static List<string> Words(string text) {
        return text.Split((char[]) null, StringSplitOptions.RemoveEmptyEntries).ToList();
    }

    // --- Count
    public static int Count(string text, string part) {
        int found = 0;
        for (int at = text.IndexOf(part, StringComparison.Ordinal); at >= 0;
             at = text.IndexOf(part, at + part.Length, StringComparison.Ordinal)) {
            found++;
        }
        return found;
    }

    public static int Count<T>(List<T> items, T wanted) {
        return items.Count(item => EqualityComparer<T>.Default.Equals(item, wanted));
    }

    // --- Reversed
    public static string Reversed(string text) {
        return new string(Enumerable.Reverse(text).ToArray());
    }

    public static List<T> Reversed<T>(List<T> items) {
        return Enumerable.Reverse(items).ToList();
    }

    // --- Repeat
    public static string Repeat(string text, int times) {
        return string.Concat(Enumerable.Repeat(text, Math.Max(0, times)));
    }

    public static List<T> Repeat<T>(List<T> items, int times) {
        return Enumerable.Repeat(items, Math.Max(0, times)).SelectMany(part => part).ToList();
    }

    // --- Pop
    public static T Pop<T>(List<T> items) {
        T last = items[items.Count - 1];
        items.RemoveAt(items.Count - 1);
        return last;
    }

    // --- IsDigit
    public static bool IsDigit(string text) {
        return text.Length > 0 && text.All(char.IsDigit);
    }

    // --- IsLetter
    public static bool IsLetter(string text) {
        return text.Length > 0 && text.All(char.IsLetter);
    }

    // --- IsWhiteSpace
    public static bool IsWhiteSpace(string text) {
        return text.Length > 0 && text.All(char.IsWhiteSpace);
    }

    // --- IsLetterOrDigit
    public static bool IsLetterOrDigit(string text) {
        return text.Length > 0 && text.All(char.IsLetterOrDigit);
    }

    // --- IsUpper
    public static bool IsUpper(string text) {
        return text.Any(char.IsUpper) && !text.Any(char.IsLower);
    }

    // --- IsLower
    public static bool IsLower(string text) {
        return text.Any(char.IsLower) && !text.Any(char.IsUpper);
    }

    // --- Fixed
    public static string Fixed(double value, int digits) {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int power = (int) ((bits >> 52) & 0x7FF);
        BigInteger units = (bits & 0xFFFFFFFFFFFFFL) | (power == 0 ? 0 : 1L << 52);
        power = Math.Max(power, 1) - 1075;
        units *= BigInteger.Pow(10, digits);
        if (power >= 0) {
            units *= BigInteger.Pow(2, power);
        } else {
            BigInteger parts = BigInteger.Pow(2, -power);
            BigInteger rest;
            units = BigInteger.DivRem(units, parts, out rest);
            int over = (2 * rest).CompareTo(parts);
            units += over > 0 || (over == 0 && !units.IsEven) ? 1 : 0;
        }
        string text = units.ToString().PadLeft(digits + 1, '0');
        text = digits == 0 ? text : text.Insert(text.Length - digits, ".");
        return bits < 0 ? "-" + text : text;
    }

    // --- Number
    public static string Number(double value) {
        if (double.IsNaN(value) || double.IsInfinity(value)) {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }
        string text = "";
        for (int digits = 0; digits < 17; digits++) {
            text = value.ToString("E" + digits, System.Globalization.CultureInfo.InvariantCulture);
            if (double.Parse(text, System.Globalization.CultureInfo.InvariantCulture) == value) {
                break;
            }
        }
        string[] parts = text.Split('E');
        int power = int.Parse(parts[1]);
        if (value != 0 && (power < -4 || power >= 16)) {
            return parts[0] + "e" + (power < 0 ? "-" : "+") + Math.Abs(power).ToString("00");
        }
        string all = parts[0].TrimStart('-').Replace(".", "");
        all = power < 0 ? new string('0', -power) + all : all.PadRight(power + 1, '0');
        int point = power < 0 ? 1 : power + 1;
        string rest = all.Substring(point).TrimEnd('0');
        return (value < 0 || 1 / value < 0 ? "-" : "") + all.Substring(0, point) + "." + (rest == "" ? "0" : rest);
    }

    // --- Quoted
    public static string Quoted(string text) {
        string mark = text.Contains("'") && !text.Contains("\"") ? "\"" : "'";
        return mark + text.Replace("\\", "\\\\").Replace("\n", "\\n").Replace("\t", "\\t").Replace(mark, "\\" + mark) + mark;
    }

    // --- Show
    public static string Show(object value) {
        if (value is double) {
            return Number((double) value);
        }
        if (value is string || value is char) {
            return Quoted(value.ToString());
        }
        var entries = value as System.Collections.IDictionary;
        if (entries != null) {
            var pairs = new List<string>();
            foreach (System.Collections.DictionaryEntry entry in entries) {
                pairs.Add(Show(entry.Key) + ": " + Show(entry.Value));
            }
            return "{" + string.Join(", ", pairs) + "}";
        }
        var items = value as System.Collections.IEnumerable;
        if (items != null) {
            var parts = new List<string>();
            foreach (object item in items) {
                parts.Add(Show(item));
            }
            bool set = value.GetType().Name.StartsWith("HashSet");
            string inside = string.Join(", ", parts);
            return set ? (parts.Count == 0 ? "set()" : "{" + inside + "}") : "[" + inside + "]";
        }
        return value == null ? "None" : value.ToString();
    }
