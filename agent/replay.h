/* ballastctl replay: scenarios on virtual time through the real engine, with simulated sinks and steps. */
#pragma once
#include "probes/util.h"

/**
 * replay_main() - replay each scenario of the command line
 * @argc: number of arguments
 * @argv: names of built-in scenarios or files; [0] is ignored as in main()
 *
 * Prints the timeline of findings, verdicts, alerts and steps, then each expectation.
 *
 * Return: exit status: 0 every expectation holds, 1 one does not (or a file cannot be read), 64 usage.
 */
int replay_main(int argc, char **argv);
