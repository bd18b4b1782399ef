"""The decoder process, `python -m underseal.scan.decoder`: isolated first, loaded afterwards."""

from underseal.scan.sandbox import isolate


def main() -> None:
    """Serve files over the socket at standard input until the scanner hangs up."""
    layers = isolate()
    # numpy may start threads when it is imported, and a threaded process cannot be isolated.
    from underseal.scan.serve import serve  # noqa: PLC0415 - see the line above

    serve(layers)


if __name__ == "__main__":
    main()
