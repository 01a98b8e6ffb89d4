using System.ComponentModel.DataAnnotations;
using PersonalizationApi;

try
{
    var app = PersonalizationService.Create(args);
    var bytes = Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
    PersonalizationLog.Started(app.Logger, AppContext.BaseDirectory, bytes >> 20);
    app.Run();
    return 0;
}
catch (FileNotFoundException exception)
{
    Console.Error.WriteLine(exception.Message);
    Console.Error.WriteLine("""
        Meta-train one first, for example

            dotnet run -c Release --project benchmarks/Benchmarks learner learner.onnx     (random weights, 16 features: to try the service)
            metaModel.LastTransformer.Learner.Save("learner.onnx");                        (in your own meta-training program)

        and start the service with

            dotnet run -c Release --project samples/PersonalizationApi -- --learner learner.onnx
        """);
    return 1;
}
catch (Exception exception) when (exception is ValidationException or FormatException or NotSupportedException or InvalidDataException
    or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

internal static partial class PersonalizationLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Running from {Folder}, {Megabytes} MB in all")]
    public static partial void Started(ILogger logger, string folder, long megabytes);
}
