"""Bad input and bad luck, for real: broken files, full disks, killed processes."""
