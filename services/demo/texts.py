"""What clerks, specialists and citizens of the demonstration write."""

REFUSALS = (
    "Hồ sơ thiếu bản chính Giấy chứng nhận; đã hướng dẫn công dân bổ sung và nộp lại.",
    "Tờ khai không đúng mẫu quy định và chưa có chữ ký của người đề nghị.",
    "Nội dung đề nghị không thuộc thẩm quyền giải quyết; đã hướng dẫn đến Ủy ban nhân dân phường.",
)
SUPPLEMENTS = (
    "Bổ sung bản sao chứng thực giấy tờ pháp lý của người đại diện theo pháp luật.",
    "Thông tin trên đơn chưa khớp với Giấy chứng nhận: đề nghị điều chỉnh số thửa, tờ bản đồ.",
    "Bổ sung ảnh đúng kích thước, nền trắng, chụp trong 06 tháng.",
    "Bản vẽ thiếu chữ ký của chủ trì thiết kế.",
)
PAYMENTS = (
    "Nộp thuế thu nhập cá nhân và lệ phí trước bạ theo Thông báo của Thuế cơ sở.",
    "Nộp phí thẩm định theo thông báo đã gửi qua tin nhắn.",
)
WITHDRAWALS = ("Người nộp thay đổi kế hoạch, đề nghị rút hồ sơ.", "Đã thỏa thuận lại hợp đồng, xin rút hồ sơ.")
MERITS = (
    "Không đủ điều kiện theo quy định: chưa đạt yêu cầu về thời gian kinh nghiệm.",
    "Thửa đất đang có tranh chấp, đã có văn bản của Tòa án.",
)
REOPENINGS = ("Kết quả ghi sai ngày sinh của công dân; thu hồi và cấp lại.",)
ANNULMENTS = ("Nhập trùng hồ sơ đã tiếp nhận trước đó.", "Chọn nhầm thủ tục khi tiếp nhận.")
DELIVERY_FAILURES = ("Người nhận vắng nhà hai lần; bưu điện chuyển hoàn.",)
QUESTIONS = (
    "Thửa đất có nằm trong quy hoạch lộ giới của tuyến đường tỉnh không?",
    "Công trình trên đất đã được cấp phép xây dựng chưa, cấp cho ai?",
)
ANSWERS = ("Thửa đất nằm ngoài lộ giới quy hoạch; không có ý kiến khác.",)
TRANSFERS = ("Đề nghị kiểm tra thực địa và xác nhận hiện trạng sử dụng đất.",)
NOTES = ("Diện tích trên đơn lệch 12 m² so với bản trích đo. @truongphong xem giúp trước khi trình.",)
ERRANDS = ("Gọi lại cho đơn vị đo đạc để lấy bản trích đo mới nhất trong hôm nay.",)
MESSAGES = ("Hồ sơ đang được đối chiếu với bản đồ địa chính; anh/chị chưa phải nộp thêm giấy tờ nào.",)
PRAISE = (
    "Cán bộ hướng dẫn tận tình, dễ hiểu. Cảm ơn!",
    "Làm nhanh, không phải chờ lâu.",
    "Chị cán bộ rất nhiệt tình giúp mẹ tôi điền đơn.",
    "Trả kết quả sớm hơn hẹn 2 ngày.",
    "Phục vụ chu đáo, phòng chờ sạch sẽ.",
)
COMPLAINTS = {
    "ATTITUDE": ("Trả lời cộc lốc, không nhìn người dân.", "Tôi hỏi lại thì bị gắt."),
    "UNCLEAR": (
        "Hướng dẫn không rõ, tôi phải về lấy giấy tờ hai lần.",
        "Không nói rõ bản sao chứng thực hay bản chụp.",
    ),
    "EXTRA_PAPERS": ("Yêu cầu thêm giấy xác nhận không có trong danh mục niêm yết.",),
    "TRIPS": ("Lần thứ ba tôi đến vì hồ sơ này.",),
    "LATE": ("Hẹn thứ Ba mà thứ Sáu mới có kết quả.", "Chờ hơn một tiếng mới đến lượt."),
    "HALL": ("Máy lấy số hỏng, thiếu ghế ngồi.", "Điều hòa không chạy, rất nóng."),
}
BAD_REASONS = (("UNCLEAR", 26), ("LATE", 30), ("ATTITUDE", 16), ("TRIPS", 14), ("EXTRA_PAPERS", 7), ("HALL", 7))
CARRIER = "Bưu điện tỉnh Bình Nguyên"
LOST_NOTE = "Bị mất khi chuyển nhà, cam đoan chưa giao cho người khác."
LINE_DOWN = "Mất đường truyền từ 8 giờ 20 đến 9 giờ 10."
