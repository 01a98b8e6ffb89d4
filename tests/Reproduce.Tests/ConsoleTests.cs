using System.CommandLine;

namespace MLNetMeta.Reproduce.Tests;

/// <summary>Tests of commands that show a progress display, of which a console has one at a time.</summary>
internal static class ConsoleTests
{
    public const string Name = "shows progress on the console";

    /// <summary>The exit code of a command, and what it wrote to the error stream.</summary>
    public static (int Code, string Error) Run(Command command, params string[] arguments)
    {
        var before = Console.Error;
        using var error = new StringWriter();
        Console.SetError(error);
        try
        {
            return (command.Parse(arguments).Invoke(), error.ToString());
        }
        finally
        {
            Console.SetError(before);
        }
    }
}
