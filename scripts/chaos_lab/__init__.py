"""The lab of `scripts/chaos`: a real show whose parts are broken on purpose, and a truth to hold it to."""
