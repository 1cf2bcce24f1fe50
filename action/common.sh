# shellcheck shell=bash
# What both steps of the action need. Inputs are text that anybody may have written: it is never run, and it is escaped where GitHub
# reads commands in what a step prints.

# fail MESSAGE: ends the step with an annotation.
fail() {
    local message=chathub:\ $1
    message=${message//'%'/%25}
    message=${message//$'\r'/%0D}
    message=${message//$'\n'/%0A}
    printf '::error title=chathub::%s\n' "$message"
    exit "${2:-2}"
}

# output NAME VALUE: GitHub reads one line.
output() {
    case $2 in
        *[$'\r\n']*) fail "the path $2 has a line break in it, which GitHub cannot hand on" ;;
    esac
    printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

# lines TEXT: the array LINES, without empty lines.
lines() {
    local line
    LINES=()
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line%$'\r'}
        [ -z "$line" ] || LINES+=("$line")
    done <<<"$1"
}

# flag NAME VALUE: whether an input that is true or false is true.
flag() {
    case $2 in
        true) return 0 ;;
        false) return 1 ;;
        *) fail "the input $1 must be true or false, it is: $2" ;;
    esac
}

# Enters the input working-directory.
enter() {
    cd -- "$INPUT_WORKING_DIRECTORY" 2>/dev/null || fail "there is no folder $INPUT_WORKING_DIRECTORY (working-directory)"
}
