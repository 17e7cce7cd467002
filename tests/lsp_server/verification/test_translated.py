"""Examples read off sources: doctests and assertions, as each language writes them."""

import pytest

from lsp_server.languages import language_for
from lsp_server.verification.translated import examples_in

PYTHON = '''
def f(a, b):
    """Do.

    >>> f([1, 2], "x")
    {'a': 1}
    >>> f(undefined, 1)
    2
    """
    return a

assert f([1, 2, 3], 'x') == (1, None)
assert abs(f(2, 3) - 2.0 / 3) < 1e-4
assert not f(1, 2)
assert f(-1, True)

class T(unittest.TestCase):
    def test(self):
        self.assertEqual(f(9, 9), "nine")
        self.assertAlmostEqual(f(9, 8), 1.5)
        self.assertTrue(f(0, 0))
        self.assertFalse(f(0, 1))
        self.assertEqual(g(9), 1)
        self.assertEqual(f(x, 9), 1)

if f(7, 7) == 8:
    print(1)
assert f(6, 6) != 1
'''
JAVASCRIPT = """
const f = (a) => a
console.assert(f(1) === 2)
console.assert(JSON.stringify(f([1, 2])) === JSON.stringify([3]))
assert.strictEqual(f('a'), "b")
assert.deepEqual(f({a: 1}), {b: [1]})
test('x', () => { expect(f(3)).toBe(4); expect(f(5)).toEqual([1, null, true]) })
console.assert(!f(9))
console.assert(Math.abs(f(8) - 0.5) < 1e-6)
"""
JAVA = """
class T { void t() {
    assertEquals(3, s.f(1, Arrays.asList(1, 2)));
    assertTrue(f("a", new int[]{1}));
    assert f(2, "x").equals(Arrays.asList("a"));
    Assert.assertEquals(0.5, Calc.f(1.0, 2L), 1e-3);
    List<Boolean> c = Arrays.asList(s.f(9) == 1, Objects.equals(s.f(7), "x"));
} }
"""
CPP = """
int main() {
    assert (f({1,2}) == "x");
    assert (issame(f(vector<int>{1}, string("a")) , {8, 13}));
    assert (abs(f(1.5) - 2.0/3.0) < 1e-4);
    assert (f(3) == true);
    EXPECT_EQ(f(4), 5);
}
"""
RUST = """
#[test]
fn t() {
    assert_eq!(f(2, &vec![1, 2]), Some(4));
    assert!(f("a"));
    assert_eq!(f(1u8), "x".to_string());
    assert!(!f(-3));
    assert_eq!(f(&[1, 2]), vec![String::from("q")]);
}
"""
GO = """
package main

func TestF(t *testing.T) {
	if f([]int{1, 2}, "a") != 3 {
		t.Errorf("no")
	}
	assert.Equal(t, 5, f(2))
}
"""
CSHARP = "class T { void A() { Debug.Assert(P.F(1) == 2); Assert.IsTrue(F(\"a\")); } }"  # fmt: skip
RUBY = "raise unless f(1) == 2\nassert_equal 3, f([1, nil])\n"
PHP = "<?php\nassert(f(1) === 2);\n$this->assertEquals([1, 2], f('a', ['k' => 1]));"

THIRDS = 2.0 / 3


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "python",
            PYTHON,
            [
                (([1, 2], "x"), {"a": 1}),
                (([1, 2, 3], "x"), [1, None]),
                ((2, 3), THIRDS),
                ((1, 2), False),
                ((-1, True), True),
                ((9, 9), "nine"),
                ((9, 8), 1.5),
                ((0, 0), True),
                ((0, 1), False),
            ],
        ),
        (
            "javascript",
            JAVASCRIPT,
            [
                ((1,), 2),
                (([1, 2],), [3]),
                (("a",), "b"),
                (({"a": 1},), {"b": [1]}),
                ((3,), 4),
                ((5,), [1, None, True]),
                ((9,), False),
                ((8,), 0.5),
            ],
        ),
        (
            "java",
            JAVA,
            [
                ((1, [1, 2]), 3),
                (("a", [1]), True),
                ((2, "x"), ["a"]),
                ((1.0, 2), 0.5),
                ((9,), 1),
                ((7,), "x"),
            ],
        ),
        ("cpp", CPP, [(([1, 2],), "x"), (([1], "a"), [8, 13]), ((1.5,), THIRDS), ((3,), True), ((4,), 5)]),
        (
            "rust",
            RUST,
            [((2, [1, 2]), 4), (("a",), True), ((1,), "x"), ((-3,), False), (([1, 2],), ["q"])],
        ),
        ("go", GO, [(([1, 2], "a"), 3), ((2,), 5)]),
        ("csharp", CSHARP, [((1,), 2), (("a",), True)]),
        ("ruby", RUBY, [(([1, None],), 3)]),
        ("php", PHP, [((1,), 2), (("a", {"k": 1}), [1, 2])]),
    ],
)
def test_examples_of_a_function(language: str, text: str, expected: list[tuple[tuple[object, ...], object]]) -> None:
    found = examples_in(text, language_for(language), "f")
    assert [(example.arguments, example.expected) for example in found] == expected


def test_tolerances_are_read_too() -> None:
    found = examples_in(PYTHON, language_for("python"), "f")
    assert {example.tolerance for example in found if example.expected == THIRDS} == {1e-4}
    found = examples_in(JAVA, language_for("java"), "f")
    assert {example.tolerance for example in found if example.expected == 0.5} == {1e-3}


def test_a_name_in_another_convention_is_the_same_function() -> None:
    text = "console.assert(maxPair(1) === 2)"
    assert len(examples_in(text, language_for("javascript"), "max_pair")) == 1


def test_broken_sources_have_what_can_be_read() -> None:
    assert examples_in("def f(:\n  '''\n  >>> f(1)\n  2\n  '''", language_for("python"), "f") == []
    assert examples_in("", language_for("rust"), "f") == []
