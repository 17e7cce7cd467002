// --- pyFloat
function pyFloat(value/*: number*/)/*: string*/ {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits, power] = value.toExponential().split("e");
    return `${digits}e${power[0]}${power.slice(1).padStart(2, "0")}`;
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return text.includes(".") ? text : `${text}.0`;
}

// --- pyQuoted
function pyQuoted(text/*: string*/)/*: string*/ {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/\t/g, "\\t");
  return mark + (mark === "'" ? escaped.replace(/'/g, "\\'") : escaped) + mark;
}

// --- pyList
function pyList/*<T>*/(items/*: T[]*/, shown/*: (item: T) => string*/)/*: string*/ {
  return `[${items.map(shown).join(", ")}]`;
}

// --- pySet
function pySet/*<T>*/(items/*: Set<T>*/, shown/*: (item: T) => string*/)/*: string*/ {
  return items.size === 0 ? "set()" : `{${[...items].map(shown).join(", ")}}`;
}

// --- pyMap
function pyMap/*<K, V>*/(entries/*: Map<K, V>*/, key/*: (key: K) => string*/, value/*: (value: V) => string*/)/*: string*/ {
  return `{${[...entries].map(([k, v]) => `${key(k)}: ${value(v)}`).join(", ")}}`;
}

// --- pyFixed
function pyFixed(value/*: number*/, digits/*: number*/)/*: string*/ {
  const scaled = value * 10 ** digits;
  const tie = Number.isInteger(value * 2 ** (digits + 1)) && !Number.isInteger(value * 2 ** digits);
  if (tie && Math.floor(scaled) % 2 === 0) return (Math.floor(scaled) / 10 ** digits).toFixed(digits);
  if (tie) return (Math.ceil(scaled) / 10 ** digits).toFixed(digits);
  return value.toFixed(digits);
}

// --- pyRound
function pyRound(value/*: number*/)/*: number*/ {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

// --- pyGcd
function pyGcd(a/*: number*/, b/*: number*/)/*: number*/ {
  return b === 0 ? Math.abs(a) : pyGcd(b, a % b);
}
