// --- pyDiv
func pyDiv(a, b int) int {
	quotient := a / b
	if a%b != 0 && (a%b < 0) != (b < 0) {
		quotient--
	}
	return quotient
}

// --- pyMod
func pyMod(a, b int) int {
	rest := a % b
	if rest != 0 && (rest < 0) != (b < 0) {
		rest += b
	}
	return rest
}

// --- pyFmod
func pyFmod(a, b float64) float64 {
	rest := math.Mod(a, b)
	if rest != 0 && (rest < 0) != (b < 0) {
		rest += b
	}
	return rest
}

// --- pyPow
func pyPow(base, power int) int {
	found := 1
	for i := 0; i < power; i++ {
		found *= base
	}
	return found
}

// --- pyAbs
func pyAbs(value int) int {
	if value < 0 {
		return -value
	}
	return value
}

// --- pyMin
func pyMin[T int | float64 | string](a, b T) T {
	if b < a {
		return b
	}
	return a
}

// --- pyMax
func pyMax[T int | float64 | string](a, b T) T {
	if b > a {
		return b
	}
	return a
}

// --- pyMinOf
func pyMinOf[T int | float64 | string](items []T) T {
	found := items[0]
	for _, item := range items {
		if item < found {
			found = item
		}
	}
	return found
}

// --- pyMaxOf
func pyMaxOf[T int | float64 | string](items []T) T {
	found := items[0]
	for _, item := range items {
		if item > found {
			found = item
		}
	}
	return found
}

// --- pySum
func pySum[T int | float64](items []T) T {
	var total T
	for _, item := range items {
		total += item
	}
	return total
}

// --- pyGcd
func pyGcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	if a < 0 {
		return -a
	}
	return a
}

// --- pyInt
func pyInt(text string) int {
	value, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		panic(err)
	}
	return value
}

// --- pyIndex
func pyIndex[T comparable](items []T, wanted T) int {
	for i, item := range items {
		if item == wanted {
			return i
		}
	}
	panic("not in list")
}

// --- pyCount
func pyCount[T comparable](items []T, wanted T) int {
	found := 0
	for _, item := range items {
		if item == wanted {
			found++
		}
	}
	return found
}

// --- pyContains
func pyContains[T comparable](items []T, wanted T) bool {
	for _, item := range items {
		if item == wanted {
			return true
		}
	}
	return false
}

// --- pyHas
func pyHas[K comparable, V any](entries map[K]V, key K) bool {
	_, found := entries[key]
	return found
}

// --- pyGet
func pyGet[K comparable, V any](entries map[K]V, key K, other V) V {
	if value, found := entries[key]; found {
		return value
	}
	return other
}

// --- pyKeys
func pyKeys[K comparable, V any](entries map[K]V) []K {
	found := []K{}
	for key := range entries {
		found = append(found, key)
	}
	return found
}

// --- pyAll
func pyAll(text string, is func(rune) bool) bool {
	for _, c := range text {
		if !is(c) {
			return false
		}
	}
	return text != ""
}

// --- pyEnds
func pyEnds(length, from, to int) (int, int) {
	if from < 0 {
		from = pyMax(0, from+length)
	}
	if to < 0 {
		to = pyMax(0, to+length)
	}
	from = pyMin(from, length)
	return from, pyMax(from, pyMin(to, length))
}

// --- pySlice
func pySlice[T any](items []T, from, to int) []T {
	start, end := pyEnds(len(items), from, to)
	return append([]T{}, items[start:end]...)
}

// --- pySliceText
func pySliceText(text string, from, to int) string {
	runes := []rune(text)
	start, end := pyEnds(len(runes), from, to)
	return string(runes[start:end])
}

// --- pyStep
func pyStep[T any](items []T, from, by int) []T {
	found := []T{}
	for i := from; i < len(items); i += by {
		found = append(found, items[i])
	}
	return found
}

// --- pyReverse
func pyReverse[T any](items []T) {
	for i, j := 0, len(items)-1; i < j; i, j = i+1, j-1 {
		items[i], items[j] = items[j], items[i]
	}
}

// --- pyReversed
func pyReversed[T any](items []T) []T {
	found := append([]T{}, items...)
	pyReverse(found)
	return found
}

// --- pyReversedText
func pyReversedText(text string) string {
	runes := []rune(text)
	pyReverse(runes)
	return string(runes)
}

// --- pyRepeat
func pyRepeat[T any](items []T, times int) []T {
	found := []T{}
	for i := 0; i < times; i++ {
		found = append(found, items...)
	}
	return found
}

// --- pyPop
func pyPop[T any](items *[]T) T {
	last := (*items)[len(*items)-1]
	*items = (*items)[:len(*items)-1]
	return last
}

// --- pyInsert
func pyInsert[T any](items *[]T, at int, item T) {
	start, _ := pyEnds(len(*items), at, at)
	rest := append([]T{item}, (*items)[start:]...)
	*items = append((*items)[:start:start], rest...)
}

// --- pyRemove
func pyRemove[T comparable](items *[]T, wanted T) {
	pyDelete(items, pyIndex(*items, wanted))
}

// --- pyDelete
func pyDelete[T any](items *[]T, at int) {
	*items = append((*items)[:at:at], (*items)[at+1:]...)
}

// --- pySet
func pySet[T comparable](items []T) map[T]bool {
	found := map[T]bool{}
	for _, item := range items {
		found[item] = true
	}
	return found
}

// --- pyFloat
func pyFloat(value float64) string {
	if math.IsNaN(value) {
		return "nan"
	}
	if math.IsInf(value, 0) {
		return strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(value, 'g', -1, 64), "+"))
	}
	size := math.Abs(value)
	if size != 0 && (size < 1e-4 || size >= 1e16) {
		return strconv.FormatFloat(value, 'e', -1, 64)
	}
	text := strconv.FormatFloat(value, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// --- pyQuoted
func pyQuoted(text string) string {
	mark := "'"
	if strings.Contains(text, "'") && !strings.Contains(text, "\"") {
		mark = "\""
	}
	text = strings.NewReplacer("\\", "\\\\", "\n", "\\n", "\t", "\\t", mark, "\\"+mark).Replace(text)
	return mark + text + mark
}

// --- pyShow
func pyShow(value interface{}) string {
	switch shown := value.(type) {
	case bool:
		if shown {
			return "True"
		}
		return "False"
	case float64:
		return pyFloat(shown)
	case string:
		return pyQuoted(shown)
	}
	items := reflect.ValueOf(value)
	if items.Kind() != reflect.Slice {
		return fmt.Sprint(value)
	}
	parts := []string{}
	for i := 0; i < items.Len(); i++ {
		parts = append(parts, pyShow(items.Index(i).Interface()))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
