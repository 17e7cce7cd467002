    // --- show
    static String show(Object value) {
        if (value instanceof Boolean) {
            return (Boolean) value ? "True" : "False";
        }
        if (value instanceof Double) {
            return number((Double) value);
        }
        if (value instanceof List) {
            List<String> parts = new ArrayList<>();
            for (Object item : (List<?>) value) {
                parts.add(quoted(item));
            }
            return "[" + String.join(", ", parts) + "]";
        }
        if (value instanceof Set) {
            List<String> parts = new ArrayList<>();
            for (Object item : (Set<?>) value) {
                parts.add(quoted(item));
            }
            return parts.isEmpty() ? "set()" : "{" + String.join(", ", parts) + "}";
        }
        if (value instanceof Map) {
            List<String> parts = new ArrayList<>();
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                parts.add(quoted(entry.getKey()) + ": " + quoted(entry.getValue()));
            }
            return "{" + String.join(", ", parts) + "}";
        }
        return value == null ? "None" : String.valueOf(value);
    }

    // --- quoted
    static String quoted(Object value) {
        if (!(value instanceof String || value instanceof Character)) {
            return show(value);
        }
        String text = String.valueOf(value);
        String mark = text.contains("'") && !text.contains("\"") ? "\"" : "'";
        String escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t");
        return mark + (mark.equals("'") ? escaped.replace("'", "\\'") : escaped) + mark;
    }

    // --- number
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        double size = Math.abs(value);
        if (size != 0 && (size < 1e-4 || size >= 1e16)) {
            String[] parts = String.valueOf(value).split("E");
            int power = Integer.parseInt(parts[1]);
            String digits = parts[0].endsWith(".0") ? parts[0].substring(0, parts[0].length() - 2) : parts[0];
            return digits + "e" + (power < 0 ? "-" : "+") + (Math.abs(power) < 10 ? "0" : "") + Math.abs(power);
        }
        String plain = new java.math.BigDecimal(String.valueOf(value)).toPlainString();
        return plain.contains(".") ? plain : plain + ".0";
    }

    // --- fixed
    static String fixed(double value, int digits) {
        java.math.BigDecimal exact = new java.math.BigDecimal(value);
        String text = exact.setScale(digits, java.math.RoundingMode.HALF_EVEN).toPlainString();
        return (value < 0 || 1 / value < 0) && !text.startsWith("-") ? "-" + text : text;
    }

    // --- padLeft
    static String padLeft(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    // --- padRight
    static String padRight(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    // --- slice
    static String slice(String text, int from, Integer to) {
        int[] ends = ends(text.length(), from, to);
        return text.substring(ends[0], ends[1]);
    }

    static <T> List<T> slice(List<T> items, int from, Integer to) {
        int[] ends = ends(items.size(), from, to);
        return new ArrayList<>(items.subList(ends[0], ends[1]));
    }

    // --- ends
    static int[] ends(int length, int from, Integer to) {
        int start = Math.min(from < 0 ? Math.max(0, from + length) : from, length);
        int end = to == null ? length : Math.min(to < 0 ? Math.max(0, to + length) : to, length);
        return new int[] {start, Math.max(start, end)};
    }

    // --- step
    static String step(String text, int from, int by) {
        StringBuilder found = new StringBuilder();
        for (int i = from; i < text.length(); i += by) {
            found.append(text.charAt(i));
        }
        return found.toString();
    }

    static <T> List<T> step(List<T> items, int from, int by) {
        List<T> found = new ArrayList<>();
        for (int i = from; i < items.size(); i += by) {
            found.add(items.get(i));
        }
        return found;
    }

    // --- chars
    static List<Character> chars(String text) {
        List<Character> found = new ArrayList<>();
        for (char c : text.toCharArray()) {
            found.add(c);
        }
        return found;
    }

    // --- words
    static List<String> words(String text) {
        String trimmed = text.trim();
        return new ArrayList<>(trimmed.isEmpty() ? Arrays.asList() : Arrays.asList(trimmed.split("\\s+")));
    }

    // --- split
    static List<String> split(String text, String mark) {
        return new ArrayList<>(Arrays.asList(text.split(java.util.regex.Pattern.quote(mark), -1)));
    }

    // --- count
    static int count(String text, String part) {
        int found = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            found++;
        }
        return found;
    }

    // --- reversed
    static <T> List<T> reversed(List<T> items) {
        List<T> found = new ArrayList<>(items);
        Collections.reverse(found);
        return found;
    }

    // --- repeat
    static <T> List<T> repeat(List<T> items, int times) {
        List<T> found = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            found.addAll(items);
        }
        return found;
    }

    // --- joined
    static <T> List<T> joined(List<T> first, List<T> second) {
        List<T> found = new ArrayList<>(first);
        found.addAll(second);
        return found;
    }

    // --- filled
    static <T> List<T> filled(int times, java.util.function.Supplier<T> item) {
        List<T> found = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            found.add(item.get());
        }
        return found;
    }

    // --- map
    @SuppressWarnings("unchecked")
    static <K, V> Map<K, V> map(Object... pairs) {
        Map<K, V> found = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            found.put((K) pairs[i], (V) pairs[i + 1]);
        }
        return found;
    }

    // --- gcd
    static int gcd(int a, int b) {
        return b == 0 ? Math.abs(a) : gcd(b, a % b);
    }

    // --- isUpper
    static boolean isUpper(String text) {
        return !text.equals(text.toLowerCase()) && text.equals(text.toUpperCase());
    }

    // --- isLower
    static boolean isLower(String text) {
        return !text.equals(text.toUpperCase()) && text.equals(text.toLowerCase());
    }
