"""The toolchains, one entry a language: everything about building, running and naming that can be said as data.

Options are chosen for a short way to a verdict, not for fast programs: no optimisation, small virtual machines, no
warnings. A new language is an entry here, one in `languages.table`, and their tests.
"""

from lsp_server.languages.language import Language
from lsp_server.languages.toolchain import Names, Toolchain, Way

_JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx768m")
_JAVAC = ("{javac}", *(f"-J{option}" for option in _JVM), "-encoding", "UTF-8", "-nowarn", "-proc:none", "-d", "out")
_JAVA = ("{java}", *_JVM, "-ea", "-Dfile.encoding=UTF-8", "-cp", "out", "Main")
_TSC = ("{node}", "{tsc}", "--target", "ES2020", "--module", "commonjs", "--skipLibCheck", "--pretty")
_TSC_OPTIONS = ("false", "--outDir", "out", "main.ts", "surroundings.d.ts")
_CPP = ("-std=c++17", "-O0", "-pipe", "-w", "-fmax-errors=8", "-D_GLIBCXX_ASSERTIONS")
_C = ("-std=c17", "-O0", "-pipe", "-w", "-fmax-errors=8")
_RUSTC = ("{rustc}", "--edition", "2021", "-A", "warnings", "-C", "debuginfo=0", "-C", "codegen-units=1")
_GO = (("GOCACHE", "/job/.cache"), ("GOFLAGS", "-mod=mod"), ("GO111MODULE", "off"), ("CGO_ENABLED", "0"))
_PHP = ("{php}", "-n", "-d", "display_errors=stderr", "-d", "zend.assertions=1", "-d", "assert.exception=1")
_KOTLINC = ("{kotlinc}", "main.kt", "-include-runtime", "-d", "main.jar")
_MCS = ("{mcs}", "-nologo", "-warn:0", "-langversion:latest", "-r:System.Numerics.dll", "-out:main.exe", "main.cs")

TOOLCHAINS: tuple[Toolchain, ...] = (
    Toolchain(
        "python",
        "main.py",
        (Way(("python3",), (("{python3}", "-I", "-m", "py_compile", "main.py"),), ("{python3}", "-I", "main.py")),),
        Names("snake", "snake", "pascal"),
        "assert {condition}",
        'print("{text}")',
        "Install Python 3 (Debian: apt install python3).",
    ),
    Toolchain(
        "java",
        "Main.java",
        (Way(("javac", "java"), ((*_JAVAC, "Main.java"),), _JAVA),),
        Names("camel", "camel", "pascal", file="pascal", in_class=True),
        "if (!({condition})) throw new AssertionError();",
        'System.out.println("{text}");',
        "Install a JDK, 17 or newer (Debian: apt install default-jdk-headless).",
        entry=r"\bvoid\s+main\s*\(",
    ),
    Toolchain(
        "cpp",
        "main.cpp",
        tuple(
            Way(
                (compiler,),
                ((f"{{{compiler}}}", *_CPP, "main.cpp", "-o", "main"),),
                ("./main",),
                ((f"{{{compiler}}}", *_CPP, "-c", "main.cpp", "-o", "main.o"),),
            )
            for compiler in ("g++", "clang++")
        ),
        Names("snake", "snake", "pascal"),
        "assert({condition});",
        '__builtin_puts("{text}");',
        "Install a C++ compiler (Debian: apt install g++).",
        entry=r"\bmain\s*\(",
    ),
    Toolchain(
        "javascript",
        "main.js",
        (Way(("node",), (("{node}", "--check", "main.js"),), ("{node}", "--no-warnings", "main.js")),),
        Names("camel", "camel", "pascal"),
        "console.assert({condition})",
        ';console.log("{text}");',
        "Install Node.js (Debian: apt install nodejs).",
        stderr_fails=True,
    ),
    Toolchain(
        "typescript",
        "main.ts",
        (Way(("tsc", "node"), ((*_TSC, *_TSC_OPTIONS),), ("{node}", "--no-warnings", "out/main.js")),),
        Names("camel", "camel", "pascal"),
        "console.assert({condition})",
        ';console.log("{text}");',
        "Install Node.js and the TypeScript compiler (npm install -g typescript).",
        stderr_fails=True,
    ),
    Toolchain(
        "go",
        "main.go",
        (Way(("go",), (("{go}", "build", "-o", "main", "."),), ("./main",), environment=_GO),),
        Names("camel", "camel", "pascal", "pascal"),
        'if !({condition}) {{ panic("test failed") }}',
        'println("{text}")',
        "Install Go (Debian: apt install golang-go).",
        entry=r"\bfunc\s+main\s*\(",
    ),
    Toolchain(
        "rust",
        "main.rs",
        (
            Way(
                ("rustc", "cc"),
                ((*_RUSTC, "-C", "linker={cc}", "-o", "main", "main.rs"),),
                ("./main",),
                ((*_RUSTC, "--crate-type", "lib", "--emit", "metadata", "-o", "main.rmeta", "main.rs"),),
            ),
        ),
        Names("snake", "snake", "pascal"),
        "assert!({condition});",
        'println!("{text}");',
        "Install Rust and a linker (rustup.rs, or Debian: apt install rustc gcc).",
        entry=r"\bfn\s+main\s*\(",
    ),
    Toolchain(
        "csharp",
        "main.cs",
        (Way(("mcs", "mono"), (_MCS,), ("{mono}", "main.exe"), ((*_MCS, "-target:library"),)),),
        Names("pascal", "camel", "pascal", "pascal", file="pascal", in_class=True),
        'if (!({condition})) throw new System.Exception("test failed");',
        'System.Console.WriteLine("{text}");',
        "Install Mono's C# compiler (Debian: apt install mono-mcs).",
        entry=r"\bMain\s*\(",
    ),
    Toolchain(
        "c",
        "main.c",
        tuple(
            Way(
                (compiler,),
                ((f"{{{compiler}}}", *_C, "main.c", "-o", "main", "-lm"),),
                ("./main",),
                ((f"{{{compiler}}}", *_C, "-c", "main.c", "-o", "main.o"),),
            )
            for compiler in ("gcc", "clang", "cc")
        ),
        Names("snake", "snake", "pascal"),
        "assert({condition});",
        '__builtin_puts("{text}");',
        "Install a C compiler (Debian: apt install gcc).",
        target=False,
        entry=r"\bmain\s*\(",
    ),
    Toolchain(
        "php",
        "main.php",
        (Way(("php",), (("{php}", "-n", "-l", "main.php"),), (*_PHP, "main.php")),),
        Names("camel", "camel", "pascal"),
        "assert({condition});",
        'echo "{text}\\n";',
        "Install PHP (Debian: apt install php-cli).",
        target=False,
    ),
    Toolchain(
        "ruby",
        "main.rb",
        (Way(("ruby",), (("{ruby}", "-c", "main.rb"),), ("{ruby}", "main.rb")),),
        Names("snake", "snake", "pascal"),
        "raise unless {condition}",
        'puts "{text}"',
        "Install Ruby (Debian: apt install ruby).",
        target=False,
    ),
    Toolchain(
        "kotlin",
        "main.kt",
        (Way(("kotlinc", "java"), (_KOTLINC,), ("{java}", "-jar", "main.jar")),),
        Names("camel", "camel", "pascal"),
        "check({condition})",
        'println("{text}")',
        "Install the Kotlin compiler (kotlinlang.org) and a JDK.",
        target=False,
        entry=r"\bfun\s+main\s*\(",
    ),
)
"""Targets first. JavaScript that is a module is written as `main.mjs`; that much the table does not say."""

_BY_LANGUAGE = {toolchain.language: toolchain for toolchain in TOOLCHAINS}


def toolchain_for(language: Language) -> Toolchain | None:
    """What builds and runs the language; `None` where nobody has said it yet."""
    return _BY_LANGUAGE.get(language.id)
