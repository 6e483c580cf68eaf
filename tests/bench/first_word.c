/*
 * The interpreter of the script that the latency benchmark has started: its first instructions write one byte.
 * Linked statically, since what it costs a guest to open the host's libraries is not the question.
 *   #!/.../first-word FIFO
 */
#include <fcntl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_WRONLY | O_CLOEXEC) : -1;

	return fd >= 0 && write(fd, "x", 1) == 1 ? 0 : 1;
}
