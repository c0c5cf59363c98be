# Shared by the other scripts; sourced, never run. Written for bash 3.2, which macOS still ships.

# Prints the closing lines of Swift Testing found in a log, such as
# "Test run with 12 tests in 3 suites passed after 0.1 seconds."
closing_lines() {
    grep -E 'Test run with [0-9]+ tests? .*(passed|failed) after' "$1" || true
}

# Prints how many tests a log's closing lines add up to.
tests_run() {
    closing_lines "$1" | sed -E 's/.*Test run with ([0-9]+) tests?.*/\1/' |
        awk '{ n += $1 } END { print n + 0 }'
}

# Prints a command so that it can be pasted back into a shell.
show_command() {
    local word newline=$'\n' line='$'
    for word in "$@"; do
        case $word in
        *"$newline"*)
            word=$(printf '%s' "$word" | sed -e 's/\\/\\\\/g' -e "s/'/\\\\'/g" |
                awk 'NR > 1 { printf "\\n" } { printf "%s", $0 }')
            word="\$'$word'"
            ;;
        *[!A-Za-z0-9_./=:@%+,-]* | '')
            word=$(printf '%s' "$word" | sed "s/'/'\\\\''/g")
            word="'$word'"
            ;;
        esac
        line="$line $word"
    done
    printf '%s\n' "$line"
}
